"""The Python runtime: ``python -I -S bootstrap.py [OPT]``, where OPT is what stands in /opt.

With ``--standby=FD`` instead it loads what it needs, writes "ready" and a newline to FD, a socket, and waits
there for one line of JSON, ``{"env": {...}, "cwd": "/var/task", "opt": ""}``, to go on as if started so.
It runs on every Python from 3.8 on. Its parts are modules, so that their compiled form is kept.
"""

import sys

sys.path.insert(0, __file__.rpartition("/")[0])
from _lambdatui_runtime import loop  # type: ignore[import-not-found]

del sys.path[0]
argument = sys.argv[1] if len(sys.argv) > 1 else ""
loop.main(loop.stand_by(int(argument[10:])) if argument.startswith("--standby=") else argument)
