"""What has been filled in for a new function, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lambdatui.model.lifecycle import RUNTIMES, Standing
from lambdatui.model.settings import BY_KEY, problem_of
from lambdatui.service.creation import NewFunction, Source
from lambdatui.service.samples import SampleFunction

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_IMAGE = re.compile(
    r"(\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/)?[a-z0-9._/-]+([:@][\w.:-]+)?", re.ASCII
)
_IMAGE_HERE = re.compile(
    r"(oci|oci-archive|docker-archive):/[^:]+(:[\w.-]+)?"
    r"|(localhost|127\.0\.0\.1):\d{1,5}/[a-z0-9._/-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_BUCKET = re.compile(r"(s3://)?[a-z0-9][a-z0-9.-]{2,62}/.+")
ARCHITECTURES = ("x86_64", "arm64")

ORIGINS: Mapping[Source, tuple[str, str]] = {
    Source.TEMPLATE: ("Template", ""),
    Source.FOLDER: ("Folder", "where the code lies, such as ~/src/checkout"),
    Source.ZIP: ("Zip file", "such as build/checkout.zip"),
    Source.IMAGE: ("Image", "account.dkr.ecr.region.amazonaws.com/name:tag"),
    Source.S3: ("In S3", "bucket/key of a zip"),
}
"""What the place of the code is called, and how it is written."""
IMAGES_HERE = "oci:/FOLDER:TAG, or localhost:PORT/NAME:TAG"
"""How images are named that only an engine of this machine can read."""


@dataclass(slots=True)
class Form:
    """Texts by field, as typed."""

    taken: Collection[str]
    templates: Sequence[SampleFunction]
    today: date
    role: str = ""
    local: bool = True
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = next((each for each in self.templates if each.name == "hello"), None) or self.templates[0]
        self.texts = {
            "name": "",
            "source": Source.TEMPLATE.value,
            "origin": "",
            "runtime": first.runtime,
            "handler": first.handler,
            "memory": "128",
            "timeout": "3",
            "architecture": ARCHITECTURES[0],
            "role": self.role,
        } | self.texts
        if not self.texts["origin"]:
            self.put("origin", first.name)

    @property
    def source(self) -> Source | None:
        """Where the code comes from; None while that is no source."""
        return next((each for each in Source if each.value == self.texts["source"]), None)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that mean something for this source."""
        image = self.source is Source.IMAGE
        code = () if image else ("runtime", "handler")
        return ("name", "source", "origin", *code, "memory", "timeout", "architecture", "role")

    @property
    def origin(self) -> tuple[str, str]:
        """What the place of the code is called for this source, and how it is written."""
        source = self.source or Source.TEMPLATE
        title, hint = ORIGINS[source]
        return title, IMAGES_HERE if self.local and source is Source.IMAGE else hint

    def put(self, name: str, text: str) -> Mapping[str, str]:
        """Somebody typed; what follows from it for other fields."""
        self.texts[name] = text
        changed: dict[str, str] = {}
        if name == "source" and self.source is Source.TEMPLATE and self._template is None:
            changed["origin"] = self.templates[0].name
        elif name == "source" and self.source is not None and self._template is not None:
            changed["origin"] = ""
        if name == "origin" and self.source is Source.TEMPLATE and (found := self._template):
            changed = {
                "runtime": found.runtime,
                "handler": found.handler,
                "memory": str(found.memory_mb),
                "timeout": str(found.timeout_s),
            }
        self.texts.update(changed)
        return changed

    @property
    def _template(self) -> SampleFunction | None:
        return next((each for each in self.templates if each.name == self.texts["origin"]), None)

    def choices(self, name: str) -> tuple[str, ...]:
        """The values there are to choose from; none where anything may be typed."""
        match name:
            case "source":
                return tuple(source.value for source in Source)
            case "origin" if self.source is Source.TEMPLATE:
                return tuple(each.name for each in self.templates)
            case "runtime":
                return self.runtimes
            case "architecture":
                return ARCHITECTURES
        return ()

    @property
    def runtimes(self) -> tuple[str, ...]:
        """Those that new functions may have, the supported ones first."""
        allowed = [each for each in RUNTIMES.values() if each.standing(self.today) < Standing.NO_CREATE]
        return tuple(each.name for each in sorted(allowed, key=lambda each: each.standing(self.today)))

    def problem(self, name: str) -> str:
        """What is wrong with a field, in a few words."""
        text = self.texts[name]
        match name:
            case "name":
                return self._name_problem(text)
            case "source":
                return "" if self.source else "one of " + ", ".join(source.value for source in Source)
            case "origin":
                return self._origin_problem(text)
            case "runtime":
                return self._runtime_problem(text)
            case "architecture":
                return "" if text in ARCHITECTURES else "x86_64 or arm64"
            case "role" if not text and self.local:
                return ""
        return problem_of(BY_KEY[name], text)

    def _name_problem(self, text: str) -> str:
        if not text:
            return "needs a name"
        if len(text) > 64:
            return f"{len(text)} of 64 characters"
        if not _NAME.fullmatch(text):
            return "letters, digits, - and _ only"
        return "there is one of that name" if text in self.taken else ""

    def _origin_problem(self, text: str) -> str:
        match self.source:
            case Source.TEMPLATE:
                return "" if self._template else "there is no such template"
            case Source.FOLDER | Source.ZIP:
                return _path_problem(text, folder=self.source is Source.FOLDER)
            case Source.IMAGE:
                here = self.local and _IMAGE_HERE.fullmatch(text)
                return "" if here or _IMAGE.fullmatch(text) else "the URI of an image"
            case Source.S3:
                return "" if _BUCKET.fullmatch(text) else "bucket/key"
        return ""

    def _runtime_problem(self, text: str) -> str:
        known = RUNTIMES.get(text)
        if known is None:
            return "not one that Lambda has"
        if known.standing(self.today) >= Standing.NO_CREATE:
            return f"no new functions since {known.create_blocked}"
        return ""

    def note(self, name: str) -> str:
        """What is good to know of a field that is right."""
        if name == "runtime" and (known := RUNTIMES.get(self.texts[name])):
            standing = known.standing(self.today)
            if standing is Standing.DEPRECATED:
                return f"deprecated since {known.deprecated}"
            return f"until {known.deprecated}" if known.deprecated else ""
        if name == "origin" and self.source is Source.TEMPLATE and self._template:
            return self._template.description
        return {"memory": "MB", "timeout": "s"}.get(name, "")

    @property
    def first_problem(self) -> str:
        """The first field that is wrong; empty when all are right."""
        return next((name for name in self.fields if self.problem(name)), "")

    def made(self) -> NewFunction:
        """The function, when nothing is wrong."""
        texts, source = self.texts, self.source
        assert source is not None
        template = self._template if source is Source.TEMPLATE else None
        return NewFunction(
            name=texts["name"],
            source=source,
            origin=texts["origin"],
            runtime=texts["runtime"],
            handler=texts["handler"],
            memory_mb=int(texts["memory"]),
            timeout_s=int(texts["timeout"]),
            architecture=texts["architecture"],
            role=texts["role"],
            description=template.description if template else "",
            environment=template.environment if template else {},
        )


def _path_problem(text: str, *, folder: bool) -> str:
    if not text:
        return "where is it?"
    try:
        path = Path(text).expanduser()
        if not path.exists():
            return "there is nothing there"
        if folder and not path.is_dir():
            return "that is no folder"
        return "that is a folder" if not folder and path.is_dir() else ""
    except (OSError, RuntimeError, ValueError):
        return "that cannot be a path"
