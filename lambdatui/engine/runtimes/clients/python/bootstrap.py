"""The Python runtime: ``python -I -S bootstrap.py [OPT]``, where OPT is what stands in /opt.

It runs on every Python from 3.8 on. Its parts are modules, so that their compiled form is kept.
"""

import sys

sys.path.insert(0, __file__.rpartition("/")[0])
from _lambdatui_runtime import loop  # type: ignore[import-not-found]

del sys.path[0]
loop.main(sys.argv[1] if len(sys.argv) > 1 else "")
