"""`python -m lambdatui.engine.triggers.child FD`: started by the engine, ends with it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading

from lambdatui.engine.triggers.child.channel import Channel
from lambdatui.engine.triggers.child.clock import FollowedClock, follow
from lambdatui.engine.triggers.child.polls import Polls
from lambdatui.engine.triggers.frames import Frame


def main() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s neighbours: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the engine's to answer
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    clock = FollowedClock()
    polls = Polls(clock)
    begun = threading.Event()
    first: Frame = {}

    def order(frame: Frame) -> None:
        if "clock" in frame:
            clock.set(frame["clock"]["now"], frame["clock"]["factor"])
            polls.look_again()
        if "end_polls" in frame:
            polls.end(frame["end_polls"])
        if "start" in frame:
            first.update(frame["start"])
            begun.set()

    def listen() -> None:
        try:
            channel.listen(order)
        finally:
            os._exit(0)  # the engine has gone; what its neighbours hold goes with it

    threading.Thread(target=listen, name="engine", daemon=True).start()
    begun.wait()
    _run(channel, clock, polls, token=first["token"], url=first["url"])


def _run(channel: Channel, clock: FollowedClock, polls: Polls, token: str, url: str) -> None:
    from lambdatui.engine.triggers.child import events, functions, redriven, s3, streams, tracing
    from lambdatui.engine.triggers.child.server import serve

    follow(clock)
    polls.attach()
    redriven.attach()
    streams.attach(channel)
    tracing.attach()
    functions.attach(channel, url)
    s3.attach(channel)
    events.attach(channel)
    server = serve(token)
    channel.tell("ready", port=server.server_port)
    server.serve_forever()


main()
