"""How images are named: an OCI layout, an archive, or a registry of this machine.

The engine reads them as its user, so only the user's own keys may name them: a function that could would see
files and ports that its room hides. The API refuses the keys of a role (`Context.by_function`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

KINDS = ("oci", "oci-archive", "docker-archive")
FORMS = "oci:FOLDER[:TAG], oci-archive:FILE, docker-archive:FILE, localhost:PORT/NAME[:TAG]"

_FILE = re.compile(rf"(?P<kind>{'|'.join(KINDS)}):(?P<path>/[^:]+)(:(?P<tag>\w[\w.-]{{0,127}}))?", re.ASCII)
_REGISTRY = re.compile(
    r"(?P<host>(localhost|127\.0\.0\.1)(:\d{1,5}))/(?P<name>[a-z0-9]+([._/-]+[a-z0-9]+)*)"
    r"(:(?P<tag>\w[\w.-]{0,127}))?(@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An image by its name."""

    path: Path | None = None
    """A folder or an archive; None for a registry."""
    registry: str = ""
    """Its URL."""
    name: str = ""
    tag: str = ""
    digest: str = ""
    login: str = ""
    """For a registry: the value of the Authorization header."""


def parse(text: str) -> Reference | None:
    """What a name means; None for one that means nothing on this machine."""
    if found := _FILE.fullmatch(text):
        return Reference(path=Path(found["path"]), tag=found["tag"] or "")
    if found := _REGISTRY.fullmatch(text):
        return Reference(
            registry=f"http://{found['host']}",
            name=found["name"],
            tag=found["tag"] or "latest",
            digest=found["digest"] or "",
        )
    return None
