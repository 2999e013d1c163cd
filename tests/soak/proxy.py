"""A proxy that cuts connections: in the middle of a request or of its answer, or all of them at once."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import Future


class CuttingProxy:
    """Listens on a free loopback port of its own, in a thread of its own."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.rate = 0.0
        """How many of a hundred connections are cut, as a fraction."""
        self.cuts = 0
        self._to = port
        self._chance = chance
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._listening: Future[asyncio.Server] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        server = self._listening.result(10)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def cut_all(self) -> None:
        """Every connection that is open now, long polls among them."""
        self._loop.call_soon_threadsafe(self._cut_open)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(10)

    def _stop(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_later(0.1, self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        starting = self._loop.create_task(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        starting.add_done_callback(lambda task: self._listening.set_result(task.result()))
        self._loop.run_forever()

    def _cut_open(self) -> None:
        self.cuts += len(self._open) // 2
        for writer in self._open:
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        above = None
        try:
            there, above = await asyncio.open_connection("127.0.0.1", self._to)
            self._open |= {writer, above}
            request = answer = None
            if self._chance.random() < self.rate:
                self.cuts += 1
                if self._chance.random() < 0.5:
                    request = self._chance.randrange(1200)
                else:
                    answer = self._chance.randrange(400)
            ways = [
                asyncio.create_task(_copy(reader, above, request)),
                asyncio.create_task(_copy(there, writer, answer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass
        finally:
            for end in (writer, above):
                if end is not None:
                    self._open.discard(end)
                    end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None) -> None:
    """Until one side ends, or so many bytes are through."""
    while piece := await reader.read(65536):
        if most is not None and len(piece) > most:
            writer.write(piece[:most])
            await asyncio.sleep(0.002)  # the cut ends what was begun
            return
        writer.write(piece)
        await writer.drain()
        most = None if most is None else most - len(piece)
