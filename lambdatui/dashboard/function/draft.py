"""Changes to settings that were typed and not sent yet, and how they read beside what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdatui.dashboard.function.lines import Line
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.model.settings import FunctionSettings, Kind, Setting, problem_of

ENVIRONMENT = "Environment"
MASK = "••••••••" if SIGNS.ok == "✓" else "********"


@dataclass(slots=True)
class Draft:
    """What the person wants to be different."""

    values: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)  # None: taken away

    def __len__(self) -> int:
        return len(self.values) + len(self.variables)

    def clear(self) -> None:
        """Want nothing any more."""
        self.values.clear()
        self.variables.clear()

    def settle(self, settings: FunctionSettings) -> None:
        """Forget what has become true."""
        there = settings.environment
        self.values = {k: v for k, v in self.values.items() if settings.values.get(k, "") != v}
        self.variables = {k: v for k, v in self.variables.items() if there.get(k) != v}

    def environment(self, settings: FunctionSettings) -> dict[str, str]:
        """All variables as they would be."""
        merged: Mapping[str, str | None] = {**settings.environment, **self.variables}
        return {name: value for name, value in merged.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Row:
    """A setting or a variable: what it is, what it shall be."""

    key: str
    group: str
    label: str
    before: str | None
    after: str | None
    setting: Setting | None = None  # None: an environment variable
    clash: str = ""  # what is wrong with the value beside the others

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def problem(self) -> str:
        """What is wrong with the new value."""
        if self.setting is None or not self.changed:
            return ""
        return problem_of(self.setting, self.after or "") or self.clash

    @property
    def limits(self) -> str:
        """What it may be, in short."""
        setting = self.setting
        if setting is None or setting.kind is Kind.SHOWN:
            return ""
        if setting.kind is Kind.NUMBER:
            return f"{setting.low} to {setting.high} {setting.unit}"
        if setting.kind is Kind.CHOICE and len(setting.choices) < 8:
            return setting.hint or ", ".join(each for each in setting.choices if each)
        if setting.kind is Kind.CHOICE:
            return ""
        return setting.hint or f"up to {setting.high} characters"

    def text(self, value: str | None, revealed: bool) -> str:
        """A value as it is drawn: variables masked, units added."""
        if value is None:
            return ""
        if self.setting is None:
            return value.replace("\n", "␊") if revealed else MASK
        unit = f" {self.setting.unit}" if self.setting.unit and value else ""
        return f"{value}{unit}"

    def line(self, revealed: bool) -> Line:
        """The value, and what it becomes."""
        before = self.text(self.before, revealed)
        if not self.changed:
            return [(before, "")] if before else [("none", "muted")]
        after = self.text(self.after, revealed)
        arrow = (f" {SIGNS.closed} ", "accent")
        if self.after is None:
            return [(before, "muted"), arrow, ("removed", "fail")]
        said = (after or "none", "fail" if self.problem else "accent strong")
        if self.before is None:
            return [("new", "ok"), arrow, said]
        return [(before or "none", "muted"), arrow, said]


def rows_of(settings: FunctionSettings, draft: Draft) -> list[Row]:
    """Every setting, then every variable, with what is wanted of them."""
    wanted = {**settings.values, **draft.values}
    rows = [
        Row(
            each.key,
            each.group,
            each.label,
            settings.values.get(each.key, ""),
            wanted.get(each.key, ""),
            each,
            _clash(each.key, wanted),
        )
        for each in settings.offered()
    ]
    names = sorted({*settings.environment, *draft.variables})
    for name in names:
        before = settings.environment.get(name)
        after = draft.variables.get(name, before)
        rows.append(Row(f"{ENVIRONMENT}:{name}", ENVIRONMENT, name, before, after))
    return rows


def _clash(key: str, wanted: Mapping[str, str]) -> str:
    levels = key in ("log_level", "system_level") and wanted.get(key)
    return "only with log format JSON" if levels and wanted.get("log_format") != "JSON" else ""
