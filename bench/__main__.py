"""Run all benchmarks, or those named: ``python -m bench [engine] [sources] …``."""

from __future__ import annotations

import importlib
import os
import sys

BENCHES = (
    "engine",
    "invokes",
    "isolation",
    "api",
    "busy",
    "inspection",
    "queue",
    "sources",
    "terminal",
    "widgets",
)


def main() -> int:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled once, not at every start
    chosen = sys.argv[1:] or BENCHES
    unknown = sorted(set(chosen) - set(BENCHES))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in chosen:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
