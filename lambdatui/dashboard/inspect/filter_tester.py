"""A record, a filter pattern, and which of its clauses the record fails: told anew at every key."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.dialogs.picker import Choice, Picker
from lambdatui.dashboard.function.naming import short_arn
from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.turns import InTurn
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.events import build
from lambdatui.model.polling import SeenRecord, SourceWork, Verdict
from lambdatui.service.errors import NotFound, ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.inspect.screen import Outlook

QUIET_S = 0.1
"""Keys that follow each other faster are answered together."""
SAMPLES = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb-insert",
    "kafka": "kafka",
    "activemq": "activemq",
    "rabbitmq": "rabbitmq",
    "documentdb": "documentdb",
}
"""The event whose first record stands in for one of a source that brought none yet."""
_STATES = {"stuck": "blocks its shard", "passed": "was read and passed", "filtered out": "was filtered out"}
_drafts: WeakKeyDictionary[object, dict[str, tuple[str, str]]] = WeakKeyDictionary()


class NotYet(ValueError):  # noqa: N818 - somebody is still typing
    """What is typed cannot be tried; the sentence says why."""


class FilterTester(ModalScreen[str | None], InTurn[str | None]):
    """Record and pattern side by side, what comes of them below. What was typed is there the next time."""

    AUTO_FOCUS = "#pattern TextArea"
    BINDINGS: ClassVar = bindings("pick-record", "keep-pattern", "next-field", "previous-field", "leave")
    CSS = """
    FilterTester { layout: vertical; background: $background; }
    FilterTester Horizontal { height: 1fr; }
    FilterTester .part {
        border: round $pane-border; border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $muted; padding: 0 1; width: 1fr; background: $background;
        &:focus-within { border: round $border-focus; border-title-color: $accent; }
    }
    FilterTester TextArea { border: none; padding: 0; height: 1fr; background: $background; }
    FilterTester #verdict { height: 40%; min-height: 5; width: 100%; }
    FilterTester #verdict Static { height: auto; }
    """

    def __init__(self, outlook: Outlook, mapping: SourceWork) -> None:
        super().__init__()
        self.outlook = outlook
        self._mapping = mapping
        self._busy = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="record", classes="part") as part:
                source = short_arn(self._mapping.source)
                part.border_title = Content.assemble(
                    ("Sources", "$muted"), f" {SIGNS.closed} {source} {SIGNS.closed} Record"
                )
                yield TextArea("", compact=True)
            with Vertical(id="pattern", classes="part") as part:
                part.border_title = Content("Pattern")
                part.border_subtitle = Content("several: an array of them")
                yield TextArea("", compact=True)
        with VerticalScroll(id="verdict", classes="part", can_focus=False):
            yield Static("", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        for area in self.query(TextArea):
            area.cursor_blink = False
        drafts = _drafts.setdefault(self.app, {})
        record, pattern = drafts.get(self._mapping.id, ("", pattern_text(self._mapping.filters)))
        self._pattern.text = pattern
        self._record.text = record
        if not record:
            self._begin()

    @property
    def _record(self) -> TextArea:
        return self.query_one("#record TextArea", TextArea)

    @property
    def _pattern(self) -> TextArea:
        return self.query_one("#pattern TextArea", TextArea)

    # -- records ------------------------------------------------------------------------------

    @work(group="records", exclusive=True, exit_on_error=False)
    async def _begin(self) -> None:
        """With what blocks a shard, else the newest record, else a sample."""
        self._put((await self._records())[0])

    async def _records(self) -> list[SeenRecord]:
        assert self.outlook.service.inspection is not None
        try:
            found = await self.outlook.service.inspection.sources.records(self._mapping.id)
        except NotFound:  # it is paused
            found = []
        except ServiceError as error:
            self.notify(error.sentence, severity="error", markup=False)
            found = []
        return [*found, SeenRecord("a sample", sample(self._mapping.kind))]

    def _put(self, record: SeenRecord) -> None:
        self._record.text = record.text
        part = self.query_one("#record", Vertical)
        part.border_subtitle = Content(_STATES.get(record.state, record.state))

    def action_pick(self) -> None:
        """Take another record."""
        self._pick()

    @work(group="records", exclusive=True, exit_on_error=False)
    async def _pick(self) -> None:
        choices = [
            Choice(f"{number}  {_STATES.get(one.state, one.state)}", brief(one.text), one)
            for number, one in enumerate(await self._records(), 1)
        ]

        def picked(record: SeenRecord | None) -> None:
            if record is not None:
                self._put(record)

        self.app.push_screen(Picker("Records", choices, hint="words of a record"), picked)

    # -- trying -------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _typed(self) -> None:
        _drafts.setdefault(self.app, {})[self._mapping.id] = (self._record.text, self._pattern.text)
        self._try()

    @work(group="try", exclusive=True, exit_on_error=False)
    async def _try(self) -> None:
        await asyncio.sleep(QUIET_S)
        assert self.outlook.service.inspection is not None
        sources = self.outlook.service.inspection.sources
        try:
            record, patterns = read_record(self._record.text), read_patterns(self._pattern.text)
            verdict = await sources.test(self._mapping.kind, record, patterns)
        except (NotYet, ServiceError) as error:
            sentence = error.sentence if isinstance(error, ServiceError) else str(error)
            self._say(Content.styled(f"{SIGNS.pending} {sentence}", "$wait"))
        else:
            self._say(verdict_lines(verdict))

    def _say(self, content: Content) -> None:
        self.query_one("#verdict Static", Static).update(content)

    # -- keeping ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A target opened read-only keeps its filters."""
        if action == "keep" and self.outlook.read_only:
            return False
        return super().check_action(action, parameters)

    def action_keep(self) -> None:
        """Make what is typed the filter of the mapping."""
        guard_of(self.app).before(self.app, self.outlook.service.target, self._keep)

    @work(group="keep", exclusive=True, exit_on_error=False)
    async def _keep(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            patterns = [json.dumps(one) for one in read_patterns(self._pattern.text)]
            await self.outlook.service.sources.set_filters(self._mapping.id, patterns)
        except (NotYet, ServiceError) as error:
            sentence = error.sentence if isinstance(error, ServiceError) else str(error)
            self.notify(sentence, severity="error", markup=False)
        else:
            _drafts[self.app].pop(self._mapping.id, None)
            source = short_arn(self._mapping.source)
            self.dismiss(f"{source} has this filter now." if patterns else f"{source} has no filter now.")
        finally:
            self._busy = False

    def action_leave(self) -> None:
        """Close; the filter of the mapping stays as it was."""
        self.dismiss(None)


def read_record(text: str) -> dict[str, Any]:
    """The record that was typed."""
    found = _read("record", text)
    if not isinstance(found, dict):
        raise NotYet("The record is not a JSON object.")
    return found


def read_patterns(text: str) -> list[dict[str, Any]]:
    """The patterns that were typed: one object, or several in an array; nothing for none."""
    if not text.strip():
        return []
    found = _read("pattern", text)
    several = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in several):
        raise NotYet("The pattern is not a JSON object, nor an array of them.")
    return several


def _read(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotYet(
            f"The {what} is not JSON yet: {where}: {error.msg.lower().removesuffix(' at')}."
        ) from None
    except (ValueError, RecursionError):
        raise NotYet(f"The {what} has numbers that are too long, or is nested too deeply.") from None


def pattern_text(patterns: Sequence[str]) -> str:
    """Patterns of a mapping as they are edited."""
    if len(patterns) != 1:
        return "[\n" + ",\n".join(f"  {one}" for one in patterns) + "\n]" if patterns else ""
    try:
        return json.dumps(json.loads(patterns[0]), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return patterns[0]


def verdict_lines(verdict: Verdict) -> Content:
    """What came of it: the whole, then every clause with its sign."""
    if not verdict.filters:
        return Content.styled(f"{SIGNS.ok} The record passes: there is no filter.", "$ok")
    passes, tone = ("passes", "$ok") if verdict.accepted else ("is filtered out", "$fail")
    sign = SIGNS.ok if verdict.accepted else SIGNS.failed
    lines = [Content.styled(f"{sign} The record {passes}.", f"bold {tone}")]
    for number, clauses in enumerate(verdict.filters, 1):
        if len(verdict.filters) > 1:
            holds = all(one.ok for one in clauses)
            said = "holds" if holds else "does not hold"
            lines.append(Content.styled(f"  filter {number} {said}", "$muted"))
        for one in clauses:
            sign, tone = (SIGNS.ok, "$ok") if one.ok else (SIGNS.failed, "$fail")
            lines.append(Content.assemble((f"  {sign} ", tone), (one.sentence, "" if one.ok else "bold")))
    return Content("\n").join(lines)


def sample(kind: str) -> str:
    """A record of such a source, as functions get it."""
    found: Any = build(SAMPLES.get(kind, "sqs"))
    while not (isinstance(found, dict) and not _inner(found)):
        found = found[0] if isinstance(found, list) else _inner(found)
    return json.dumps(found, indent=2, ensure_ascii=False)


def _inner(event: dict[str, Any]) -> Any:
    """Where an event keeps its records; None for a record."""
    names = ("Records", "records", "messages", "rmqMessagesByQueue", "events")
    inner = next((event[name] for name in names if name in event), None)
    return next(iter(inner.values())) if isinstance(inner, dict) else inner


def brief(text: str) -> str:
    """A record on one line: what its sender wrote first."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return " ".join(text.split())
    if data := (record.get("kinesis") or {}).get("data"):
        return base64.b64decode(data).decode("utf-8", "replace")
    shown = record.get("body") or record.get("dynamodb") or record
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
