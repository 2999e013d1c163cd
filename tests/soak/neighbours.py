"""The services beside Lambda as somebody else's process: moto, with its queues in the order that AWS keeps.

`python -m tests.soak.neighbours` prints its URL and lives until its standard input ends.
"""

from __future__ import annotations

import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from lambdatui.engine.triggers.child.clock import FollowedClock
from lambdatui.engine.triggers.child.polls import Polls


def main() -> None:
    Polls(FollowedClock()).attach()
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
