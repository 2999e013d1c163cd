"""What is this function, who calls it, what follows from it?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widget import Widget

from lambdatui.dashboard.function import grants
from lambdatui.dashboard.function.lines import Line, SpanLines, facts, heading
from lambdatui.dashboard.function.naming import qualifier_of, short_arn
from lambdatui.dashboard.function.picture import picture
from lambdatui.dashboard.function.subject import attempt
from lambdatui.dashboard.function.tab import Tab
from lambdatui.dashboard.widgets.figures import ago, size_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import clip_spans, spans_cells
from lambdatui.dashboard.words import count, exactly, percent
from lambdatui.model import (
    Alias,
    AsyncConfig,
    EventSource,
    Function,
    FunctionSettings,
    FunctionState,
    FunctionUrl,
    Policy,
    Provisioned,
)
from lambdatui.service.errors import ServiceError

TWO_COLUMNS = 110
LABEL = 18


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the tab shows; a part that could not be had is the reason why."""

    function: Function
    settings: FunctionSettings
    aliases: list[Alias] | ServiceError
    sources: list[EventSource] | ServiceError
    urls: list[FunctionUrl] | ServiceError
    policies: list[Policy] | ServiceError
    async_configs: list[AsyncConfig] | ServiceError
    provisioned: list[Provisioned] | ServiceError


class OverviewTab(Tab):
    """All settings, what calls the function, where its results go, who may call it."""

    NAME, TITLE = "overview", "Overview"

    found: Overview | None = None

    def compose(self) -> ComposeResult:
        yield SpanLines()

    @property
    def view(self) -> SpanLines:
        """The lines."""
        return self.query_one(SpanLines)

    def stop(self) -> Widget:
        return self.view

    @property
    def shows_something(self) -> bool:
        return self.found is not None

    @property
    def unsettled(self) -> bool:
        version = self.found.settings.version if self.found else None
        return version is not None and (
            version.state is FunctionState.PENDING or version.last_update == "InProgress"
        )

    async def fetch(self) -> Overview:
        service, name = self.subject.service, self.subject.name
        function, settings = await asyncio.gather(service.functions.get(name), service.settings.get(name))
        aliases, sources, urls, async_configs, provisioned = await asyncio.gather(
            attempt(service.versions.aliases(name)),
            attempt(service.sources.list(name)),
            attempt(service.urls.list(name)),
            attempt(service.async_configs.list(name)),
            attempt(service.concurrency.provisioned(name)),
        )
        names = [] if isinstance(aliases, ServiceError) else [alias.name for alias in aliases]
        policies = await attempt(service.policies.all(name, names))
        return Overview(function, settings, aliases, sources, urls, policies, async_configs, provisioned)

    def show(self, found: Overview) -> None:
        self.found = found
        self._draw()
        version = found.settings.version
        self.describe(f"changed {ago(version.modified, self.subject.now())} · {exactly(version.modified)}")

    def say(self, sentence: str) -> None:
        self.view.empty = sentence

    def copied(self) -> tuple[str, str]:
        return ("", "") if self.found is None else (self.found.function.arn, "the ARN")

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.found is not None and self.size.width:
            self.view.set_lines(lines_of(self.found, self.size.width - 1))


def lines_of(found: Overview, width: int) -> list[Line]:
    """The whole overview for a window of that many columns."""
    picture_lines = picture(_sources(found), _function(found), _targets(found), width)
    left = [*_general(found), [], *_runtime(found)]
    right = [*_traffic(found), [], *_logging(found), [], *_network(found)]
    who = [heading("Who may call it"), *_who(found)]
    if width >= TWO_COLUMNS:
        half = width // 2
        body = [*_beside(left, right, half), [], *who]
    else:
        body = [*who, [], *left, [], *right]
    return [*picture_lines, [], *body]


def _beside(left: Sequence[Line], right: Sequence[Line], half: int) -> list[Line]:
    lines: list[Line] = []
    for at in range(max(len(left), len(right))):
        first = clip_spans(left[at], half - 2, SIGNS.ellipsis) if at < len(left) else []
        gap = half - spans_cells(first)
        lines.append([*first, (" " * gap, ""), *(right[at] if at < len(right) else [])])
    return lines


# -- the picture ------------------------------------------------------------------------------


def _sources(found: Overview) -> list[Line]:
    """What calls the function."""
    lines: list[Line] = []
    if isinstance(found.sources, ServiceError):
        lines.append([("event sources cannot be listed", "fail")])
    else:
        lines += [_source(each) for each in found.sources]
    if isinstance(found.urls, ServiceError):
        lines.append([("URLs cannot be listed", "fail")])
    else:
        lines += [_url(each) for each in found.urls]
    if isinstance(found.policies, ServiceError):
        lines.append([("the policy cannot be read", "fail")])
    else:
        pushes = {
            f"{grants.who(each)} {grants.where(each)}".strip()
            for policy in found.policies
            for each in policy.statements
            if each.allows("lambda:InvokeFunction")
            and not each.condition("lambda:InvokedViaFunctionUrl")
            and "*" not in each.principals
        }
        lines += [[(text, "")] for text in sorted(pushes)]
    return lines or [[("only who invokes it directly", "muted")]]


def _source(each: EventSource) -> Line:
    tone, sign = ("ok", SIGNS.active) if each.enabled else ("wait", SIGNS.pending)
    state = "" if each.enabled else f" {each.state.lower()}"
    alias = qualifier_of(each.function)
    return [
        (f"{sign} ", tone),
        (short_arn(each.source), ""),
        (f"{state}{f' to {alias}' if alias else ''}", "muted"),
    ]


def _url(each: FunctionUrl) -> Line:
    open_to_all = each.auth == "NONE"
    alias = f" to {each.qualifier}" if each.qualifier else ""
    return [
        ("URL ", ""),
        ("without signature" if open_to_all else "signed", "wait" if open_to_all else "ok"),
        (alias, "muted"),
    ]


def _function(found: Overview) -> list[Line]:
    """The function itself."""
    version = found.settings.version
    figures = (version.runtime or "image", f"{version.memory_mb} MB", f"{version.timeout_s} s")
    return [
        [(version.function, "strong")],
        [(f" {SIGNS.dot} ".join(figures), "muted")],
        _state(found),
    ]


def _state(found: Overview) -> Line:
    version = found.settings.version
    if version.state is FunctionState.FAILED or version.last_update == "Failed":
        return [(f"{SIGNS.failed} {version.state_reason or version.last_update_reason or 'Failed'}", "fail")]
    if version.state is FunctionState.ACTIVE and version.last_update != "InProgress":
        return [(f"{SIGNS.active} Active", "ok")]
    return [(f"{SIGNS.pending} {version.state or 'state not known'}", "wait")]


def _targets(found: Overview) -> list[Line]:
    """Where results and failures go."""
    lines: list[Line] = []
    if isinstance(found.async_configs, ServiceError):
        lines.append([("async settings cannot be read", "fail")])
    else:
        for each in found.async_configs:
            alias = "" if each.qualifier == "$LATEST" else f" of {each.qualifier}"
            for word, tone, arn in (("success", "ok", each.on_success), ("failure", "fail", each.on_failure)):
                if arn:
                    lines.append([(f"{word}{alias} ", tone), (short_arn(arn), "")])
    if letter := found.settings.values.get("dead_letter"):
        lines.append([("dead letters ", "fail"), (short_arn(letter), "")])
    return lines or [[("no destination", "muted")]]


# -- facts ------------------------------------------------------------------------------------


def _general(found: Overview) -> list[Line]:
    version = found.settings.version
    tags = ", ".join(f"{key}={value}" for key, value in sorted(found.function.tags.items()))
    return [
        heading("General"),
        *facts(
            [
                ("Description", _or_none(version.description)),
                ("ARN", [(version.arn, "")]),
                ("Memory", [(f"{version.memory_mb} MB", "")]),
                ("Timeout", [(f"{version.timeout_s} s", "")]),
                ("Storage in /tmp", [(f"{version.ephemeral_mb} MB", "")]),
                ("Role", [(version.role.rpartition("/")[2], "")]),
                ("Tags", _or_none(tags)),
            ],
            LABEL,
        ),
    ]


def _runtime(found: Overview) -> list[Line]:
    version, values = found.settings.version, found.settings.values
    layers = [layer.arn.split(":layer:")[-1] for layer in version.layers]
    return [
        heading("Code"),
        *facts(
            [
                ("Runtime", [(version.runtime or "container image", "")]),
                ("Handler", _or_none(version.handler or "")),
                ("Architecture", [(", ".join(version.architectures), "")]),
                ("Package", [(f"{version.package_type} {SIGNS.dot} {size_text(version.code_size)}", "")]),
                ("SHA-256", [(version.code_sha256, "muted")]),
                ("Layers", _or_none(", ".join(layers))),
                ("SnapStart", [(values.get("snap_start", ""), "")]),
            ],
            LABEL,
        ),
    ]


def _traffic(found: Overview) -> list[Line]:
    reserved = found.function.reserved_concurrency
    rows: list[tuple[str, Line]] = [
        (
            "Reserved",
            [("none: shares the account's", "muted")]
            if reserved is None
            else [(f"{reserved} at a time", "fail" if reserved == 0 else "")],
        )
    ]
    if isinstance(found.provisioned, ServiceError):
        rows.append(("Provisioned", [("cannot be read", "fail")]))
    else:
        text = ", ".join(f"{p.requested} for {p.qualifier} ({p.status.lower()})" for p in found.provisioned)
        rows.append(("Provisioned", _or_none(text)))
    if isinstance(found.aliases, ServiceError):
        rows.append(("Aliases", [("cannot be listed", "fail")]))
    else:
        text = ", ".join(_alias(alias) for alias in found.aliases)
        rows.append(("Aliases", _or_none(text)))
    return [heading("Versions and limits"), *facts(rows, LABEL)]


def _alias(alias: Alias) -> str:
    if not alias.routing:
        return f"{alias.name} {SIGNS.closed} {alias.version}"
    return f"{alias.name} {SIGNS.closed} " + ", ".join(f"{n} {percent(s)}" for n, s in alias.weights)


def _logging(found: Overview) -> list[Line]:
    values = found.settings.values
    levels = [values.get(key, "") for key in ("log_level", "system_level")]
    style = values.get("log_format", "")
    return [
        heading("Logging and tracing"),
        *facts(
            [
                ("Log group", [(values.get("log_group", ""), "")]),
                ("Format", [(f"{style} {' / '.join(level for level in levels if level)}".strip(), "")]),
                ("Tracing", [(values.get("tracing", ""), "")]),
            ],
            LABEL,
        ),
    ]


def _network(found: Overview) -> list[Line]:
    values = found.settings.values
    problem = found.settings.environment_problem
    names = ", ".join(sorted(found.settings.environment))
    total = len(found.settings.environment)
    listed = f"{count(total, 'variable')}: {names}" if total else ""
    environment: Line = [(problem, "fail")] if problem else _or_none(listed)
    return [
        heading("Environment and network"),
        *facts(
            [
                ("Environment", environment),
                ("VPC", _or_none(values.get("subnets", ""))),
                ("Encryption key", [(values.get("key") or "AWS's own", "")]),
            ],
            LABEL,
        ),
    ]


def _who(found: Overview) -> list[Line]:
    if isinstance(found.policies, ServiceError):
        return [[(found.policies.sentence, "fail")]]
    statements = [each for policy in found.policies for each in policy.statements]
    if not statements:
        return [[("Only this account: whoever its IAM policies allow. Nobody is granted more.", "muted")]]
    lines: list[Line] = [[("This account, as its IAM policies say, and:", "muted")]]
    for each in statements:
        everyone = "*" in each.principals and each.effect == "Allow"
        tone = "wait" if everyone or each.effect != "Allow" else ""
        sign = SIGNS.warning if everyone else SIGNS.dot
        lines.append([(f"{sign} ", tone), (grants.sentence(each), tone), (f"  {each.sid}", "faint")])
    return lines


def _or_none(text: str) -> Line:
    return [(text, "")] if text else [("none", "muted")]
