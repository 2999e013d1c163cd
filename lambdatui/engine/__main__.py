"""`python -m lambdatui.engine`: the engine alone, with the options of `lambdatui engine`."""

from __future__ import annotations

import sys

from lambdatui.engine.main import main
from lambdatui.engine.settings import parse

if __name__ == "__main__":
    sys.exit(main(parse()))
