"""`aws lambda`, typed many times in one process of its own: each start would cost half a second.

Reads one command a line, writes one JSON object a line; first of all the commands and waiters that there are.
Its own process, because awscli puts its own botocore in the place of everybody else's.
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import sys

from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]


def main() -> None:
    driver = create_clidriver()
    commands = driver._get_command_table()["lambda"]._get_command_table()
    print(
        json.dumps({"commands": list(commands), "waiters": list(commands["wait"].subcommand_table)}),
        flush=True,
    )
    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = driver.main(["lambda", *shlex.split(line)])
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), flush=True)


if __name__ == "__main__":
    main()
