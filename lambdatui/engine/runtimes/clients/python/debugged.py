"""The Python runtime under a debugger: ``python -I -S debugged.py FOLDER PORT wait|go [OPT]``.

FOLDER holds debugpy; with ``wait`` nothing of the function runs before a debugger is there.
"""

import sys

folder, port, waits = sys.argv[1:4]
before = list(sys.path)
sys.path.append(folder)
import debugpy  # noqa: E402, T100 - what this program is for

debugpy.listen(("127.0.0.1", int(port)))  # noqa: T100
if waits == "wait":
    debugpy.wait_for_client()  # noqa: T100
# It imports more of itself later: behind the function's own modules.
more = [path for path in sys.path if path not in before]

sys.path.insert(0, __file__.rpartition("/")[0])
from _lambdatui_runtime import loop  # type: ignore[import-not-found]  # noqa: E402

del sys.path[0]
prepare = loop.prepare_modules


def prepare_with_debugger(task: str, opt: str) -> None:
    prepare(task, opt)
    sys.path.extend(more)


loop.prepare_modules = prepare_with_debugger
loop.main(sys.argv[4] if len(sys.argv) > 4 else "")
