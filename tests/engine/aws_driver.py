"""The `aws` command, typed many times in one process of its own: each start costs half a second or more.

Reads JSON lines: a list is the words of a command, a string is a service whose commands are asked for. Writes
one JSON object a line. A process of its own, because awscli puts its own botocore in the place of everybody
else's; :mod:`tests.engine.aws_command` starts it.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import Any

from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]


def main() -> None:
    aws = create_clidriver()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _commands(asked) if isinstance(asked, str) else _typed(aws, asked)
        print(json.dumps(answer), flush=True)


def _typed(aws: Any, words: list[str]) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = aws.main(words)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def _commands(service: str) -> dict[str, list[str]]:
    aws = create_clidriver()  # one that has run commands counts `help` among them
    commands = aws._get_command_table()[service]._get_command_table()
    return {"commands": list(commands), "waiters": list(commands["wait"].subcommand_table)}


if __name__ == "__main__":
    main()
