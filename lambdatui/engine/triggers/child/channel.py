"""The way to the engine: told things go one way, asked ones wait for the engine's answer."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from lambdatui.engine.triggers.frames import LENGTH, Frame, length_of, pack, unpack

ANSWER_WITHIN = 960.0
"""Seconds: longer than a function may run."""


class Refused(Exception):  # noqa: N818 - an answer, not a defect
    """The engine said no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Channel:
    """Used by every thread that serves a request; read by one of its own."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._writing = threading.Lock()
        self._numbers = itertools.count(1)
        self._asked: dict[int, Future[Any]] = {}

    def tell(self, kind: str, **facts: Any) -> None:
        """Says something that needs no answer."""
        self._write({"kind": kind, **facts})

    def ask(self, kind: str, **facts: Any) -> Any:
        """Says something and waits for what the engine answers; raises Refused."""
        number = next(self._numbers)
        answer: Future[Any] = Future()
        self._asked[number] = answer
        try:
            self._write({"kind": kind, "ask": number, **facts})
            return answer.result(ANSWER_WITHIN)
        finally:
            self._asked.pop(number, None)

    def listen(self, order: Callable[[Frame], None]) -> None:
        """Reads until the engine has gone."""
        while (head := self._read(LENGTH.size)) and (body := self._read(length_of(head))):
            frame = unpack(body)
            number = frame.get("answer")
            if number is None:
                order(frame)
            elif (answer := self._asked.get(number)) is not None:
                if "error" in frame:
                    answer.set_exception(Refused(frame["error"]["code"], frame["error"]["message"]))
                else:
                    answer.set_result(frame.get("result"))

    def _write(self, frame: Frame) -> None:
        packed = pack(frame)
        with self._writing:
            self._wire.sendall(packed)

    def _read(self, size: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            try:
                piece = self._wire.recv(size - len(pieces))
            except OSError:
                return b""
            if not piece:
                return b""
            pieces += piece
        return bytes(pieces)
