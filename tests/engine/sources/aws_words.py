"""The `aws` command, typed many times in one process of its own: each start costs half a second or more.

Reads a JSON list of words a line, writes one JSON object a line. A process of its own, because awscli puts
its own botocore in the place of everybody else's.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]


def main() -> None:
    aws = create_clidriver()
    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = aws.main(json.loads(line))
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), flush=True)


if __name__ == "__main__":
    main()
