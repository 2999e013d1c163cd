"""Lambda's runtime identifiers: language, life cycle, where each looks for layers; dated, see ``AS_OF``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any

ENDING_SOON = timedelta(days=180)


class Status(StrEnum):
    """How far a runtime is on its way out, on a given day."""

    SUPPORTED = "supported"
    ENDING = "ending"  # deprecated within half a year
    PREVIEW = "preview"
    DEPRECATED = "deprecated"  # functions can still be created and updated
    NO_CREATE = "no create"
    FROZEN = "frozen"  # runs, and that is all
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Family:
    """What the runtimes of one language have in common."""

    name: str
    language: str
    suffix: str  # of a handler's file
    handler: str  # the usual one
    oldest: tuple[int, ...]  # version of the interpreter that the runtime client works with


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime identifier."""

    identifier: str
    family: Family
    version: tuple[int, ...]  # as far as the identifier fixes it
    label: str
    system: str
    deprecated: date | None = None
    create_blocked: date | None = None
    update_blocked: date | None = None
    preview: bool = False

    def status(self, today: date) -> Status:
        """Computed from the dates; AWS has moved them before."""
        if self.preview:
            return Status.PREVIEW
        if self.deprecated is None:
            return Status.UNDATED
        if self.update_blocked and today >= self.update_blocked:
            return Status.FROZEN
        if self.create_blocked and today >= self.create_blocked:
            return Status.NO_CREATE
        if today >= self.deprecated:
            return Status.DEPRECATED
        return Status.ENDING if self.deprecated - today <= ENDING_SOON else Status.SUPPORTED

    @property
    def layer_folders(self) -> tuple[str, ...]:
        """Where the language looks in /opt, first place first."""
        number = ".".join(map(str, self.version))
        return {
            "python": ("python", f"python/lib/python{number}/site-packages"),
            "nodejs": (f"nodejs/node{number}/node_modules", "nodejs/node_modules"),
            "ruby": (f"ruby/gems/{number}.0", "ruby/lib"),
            "java": ("java/lib",),
        }.get(self.family.name, ())

    def search_paths(
        self,
        task_root: str = "/var/task",
        runtime_dir: str = "/var/runtime",
        layers: Sequence[str] = ("/opt",),
    ) -> dict[str, str]:
        """The variables by which it finds code, runtime and layers (their roots; the last one wins)."""
        found = {folder: [f"{root}/{folder}" for root in reversed(layers)] for folder in self.layer_folders}
        everywhere = [path for paths in found.values() for path in paths]
        match self.family.name:
            case "python":
                return {"PYTHONPATH": runtime_dir}
            case "nodejs":
                places = [*everywhere, f"{runtime_dir}/node_modules", runtime_dir, task_root]
                return {"NODE_PATH": ":".join(places)}
            case "ruby":
                gems, lib = self.layer_folders
                bundle = f"{task_root}/vendor/bundle/ruby/{gems.rpartition('/')[2]}"
                return {"GEM_PATH": ":".join([bundle, *found[gems]]), "RUBYLIB": ":".join(found[lib])}
            case _:
                return {}


def _load() -> tuple[date, Mapping[str, Runtime]]:
    data: dict[str, Any] = json.loads(files(__package__).joinpath("catalog.json").read_text())
    families = {
        name: Family(name, **{**family, "oldest": tuple(family["oldest"])})
        for name, family in data["families"].items()
    }
    runtimes = (_runtime(entry, families[entry["family"]]) for entry in data["runtimes"])
    return date.fromisoformat(data["as_of"]), {runtime.identifier: runtime for runtime in runtimes}


def _runtime(entry: Mapping[str, Any], family: Family) -> Runtime:
    dates = {
        name: date.fromisoformat(entry[name])
        for name in ("deprecated", "create_blocked", "update_blocked")
        if name in entry
    }
    return Runtime(
        identifier=entry["identifier"],
        family=family,
        version=tuple(entry["version"]),
        label=entry["label"],
        system=entry["system"] or "",
        preview=entry.get("preview", False),
        **dates,
    )


AS_OF, RUNTIMES = _load()
