"""What may this function do, and what does it lack?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from lambdatui.dashboard.function.naming import principal
from lambdatui.dashboard.function.subject import attempt
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted
from lambdatui.dashboard.words import count
from lambdatui.model import TargetKind
from lambdatui.model.role import Lack, Role, RoleStatement
from lambdatui.service.errors import NotFound, ServiceError, Unsupported
from lambdatui.service.needs import lacks, needs


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is missing, or a statement."""

    key: str
    lack: Lack | None = None
    statement: RoleStatement | None = None
    distrust: bool = False


class RoleTab(ListTab[Entry]):
    """What is missing first, then who may take the role on, then every statement in words."""

    NAME, TITLE = "role", "Execution role"
    EMPTY = EMPTY_READ_ONLY = "The role has no policies: the function may do nothing."
    FILTER = "action, resource or policy"
    CHANGEABLE = False

    DEFAULT_CSS = "RoleTab Static { height: auto; max-height: 6; padding: 0 1; color: $foreground; }"

    _role: Role | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static("", markup=False)

    @on(RowHighlighted)
    def _whole(self, message: RowHighlighted) -> None:
        """The chosen row in full, below: names of resources are long."""
        self.query_one(Static).update(_sentence(message.row))

    def columns(self) -> Sequence[Column[Entry]]:
        return [
            Column("what", "what", _what, width=9),
            Column("words", "in words", _words, min_width=40, weight=5, value=_sentence),
            Column("policy", "policy", _policy, min_width=12, max_width=34, clip="middle", priority=1),
            Column("kind", "kind", _kind, min_width=7, max_width=11, priority=2),
        ]

    def key(self, row: Entry) -> Hashable:
        return row.key

    async def fetch(self) -> Role:
        service, name = self.subject.service, self.subject.name
        settings = await service.settings.get(name)
        try:
            role = await service.roles.get(settings.values["role"])
        except (Unsupported, NotFound) as error:
            if service.target.kind is TargetKind.LOCAL:
                raise Unsupported(
                    "This engine knows no IAM: functions here run as whoever started it, and no role limits"
                    f" them. On AWS {name} would be {settings.values['role']}."
                ) from error
            raise
        sources = await attempt(service.sources.list(name))
        configs = await attempt(service.async_configs.list(name))
        fetched = [] if isinstance(sources, ServiceError) else [each.source for each in sources]
        told = [] if isinstance(configs, ServiceError) else configs
        sent = [arn for each in told for arn in (each.on_success, each.on_failure) if arn]
        return replace(role, lacks=tuple(lacks(role, needs(settings, fetched, sent))))

    def rows(self, found: Role) -> list[Entry]:
        self._role = found
        rows = [] if found.trusts_lambda else [Entry("distrust", distrust=True)]
        rows += [Entry(f"lack {each.reason} {each.resource}", lack=each) for each in found.lacks]
        rows += [Entry(f"statement {at}", statement=each) for at, each in enumerate(found.statements)]
        return rows

    def about(self) -> str | Content:
        role = self._role
        if role is None:
            return ""
        bounded = " · a permissions boundary may forbid more" if role.boundary else ""
        missing = len(role.lacks) + (not role.trusts_lambda)
        if missing:
            return Content.assemble(
                f"{role.name} · ", (f"{count(missing, 'thing')} missing", "$wait"), bounded
            )
        return f"{role.name} · nothing is missing{bounded}"

    def copied(self) -> tuple[str, str]:
        return (self._role.arn, "the ARN of the role") if self._role else ("", "")


def _what(row: Entry) -> Cell:
    if row.lack is not None or row.distrust:
        return f"{SIGNS.warning} missing", "wait"
    assert row.statement is not None
    if row.statement.kind == "trust":
        return "trust", "muted"
    return ("allows", "ok") if row.statement.allow else ("forbids", "fail")


def _words(row: Entry) -> Cell:
    return _sentence(row), "wait" if row.lack is not None or row.distrust else ""


def _sentence(row: Entry) -> str:
    if row.distrust:
        return "Lambda may not take this role on: its trust does not name lambda.amazonaws.com"
    if row.lack is not None:
        on = "" if row.lack.resource == "*" else f" on {row.lack.resource}"
        return f"{row.lack.reason}: {', '.join(row.lack.actions)}{on}"
    assert row.statement is not None
    return words(row.statement)


def words(statement: RoleStatement) -> str:
    """``s3:GetObject on arn:aws:s3:::x/*``; of a trust: ``AWS Lambda may take it on``."""
    unless = "".join(f", if {key} {operator} {value}" for operator, key, value in statement.conditions)
    if statement.kind == "trust":
        who = ", ".join(principal(each) for each in statement.principals) or "nobody"
        may = "may" if statement.allow else "may not"
        return f"{who[:1].upper()}{who[1:]} {may} take it on{unless}"
    actions, resources = ", ".join(statement.actions), ", ".join(statement.resources)
    what = f"all but {actions}" if statement.but_actions else "everything" if actions == "*" else actions
    if statement.but_resources:
        return f"{what} on all but {resources}{unless}"
    return f"{what} on {'everything' if resources == '*' else resources}{unless}"


def _policy(row: Entry) -> Cell:
    return (row.statement.policy if row.statement else ""), "muted"


def _kind(row: Entry) -> Cell:
    kind = row.statement.kind if row.statement else ""
    return ("" if kind == "trust" else kind), "muted"
