"""A function's page in the AWS console: where it is, and how it is opened from here."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from textual.screen import Screen

    from lambdatui.dashboard.clipboard import Clipboard

_HOSTS = {
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Where the console is outside the partition ``aws``."""

OPENED_S = 1.0
"""An opener that has not failed by then has opened something."""


def page(arn: str) -> str:
    """The URL of the page of a function, version or alias; empty for the ARN of anything else."""
    parts = arn.split(":", 7)
    if len(parts) < 7 or parts[2] != "lambda" or parts[5] != "function":
        return ""
    partition, region, name, qualifier = parts[1], parts[3], parts[6], "".join(parts[7:])
    host = _HOSTS.get(partition, "{region}.console.aws.amazon.com").format(region=region)
    url = f"https://{host}/lambda/home?region={region}#/functions/{quote(name, safe='')}"
    if qualifier in ("", "$LATEST"):
        return url
    kind = "versions" if qualifier.isdecimal() else "aliases"
    return f"{url}/{kind}/{quote(qualifier, safe='')}"


def opener(
    environ: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> str:
    """What opens a page on the desk of the person; empty over ssh, and where there is no desktop."""
    if "SSH_CONNECTION" in environ or "SSH_TTY" in environ:
        return ""
    if platform == "darwin":
        return which("open") or ""
    if environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY"):
        return which("xdg-open") or ""
    return ""


async def go(screen: Screen[Any], clipboard: Clipboard, arn: str) -> None:
    """Copy the URL of the page and have it opened, if that is possible here; say what was done."""
    url = page(arn)
    if not url:
        screen.notify("There is no function whose page could be opened.", severity="warning")
        return
    copied = await clipboard.copy(url)
    command = opener()
    opened = bool(command) and await asyncio.to_thread(_show, url, command)
    title = "Opened in the browser" if opened else "Copied the URL of its page in the AWS console"
    screen.notify(f"{url}\n{copied.sentence}", title=title, markup=False)


def _show(url: str, command: str) -> bool:
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [command, url], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        return process.wait(OPENED_S) == 0
    except subprocess.TimeoutExpired:
        return True  # some openers are the browser itself, and stay
    except OSError:
        return False
