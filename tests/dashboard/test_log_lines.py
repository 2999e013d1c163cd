"""How lines logged as JSON read, and what Enter on the end of a run does."""

from __future__ import annotations

import json

from lambdatui.dashboard.panes.runs import Reader
from lambdatui.model import LogEvent
from tests.dashboard.driver import Person, opened
from tests.dashboard.fakes import AWS, shop


def text_of(**said: object) -> str:
    event = LogEvent(0, json.dumps(said), "s", "1", level=str(said.get("level", "")))
    return "\n".join(line.text for line in Reader().lines([event]))


def test_json_with_a_message_reads_as_level_and_message_then_the_rest() -> None:
    said = text_of(timestamp="2026", level="WARN", message="card\nrefused", requestId="7c1e", order=42)
    assert said == "  WARN  card refused  order=42"


def test_json_without_a_message_stays_as_it_is() -> None:
    assert text_of(order=42) == '  {"order": 42}'


def test_something_that_only_begins_like_json_stays_as_it_is() -> None:
    event = LogEvent(0, "{not json", "s", "1")
    assert [line.text for line in Reader().lines([event])] == ["  {not json"]


async def _failed_run(ui: Person) -> None:
    await ui.press("e")
    await ui.type('{"boom":1}')
    await ui.press("escape", "i")


async def test_enter_on_the_end_of_a_failed_run_opens_its_error() -> None:
    service = shop()
    async with opened(service) as ui:
        await _failed_run(ui)
        service.history.runs["checkout"] = [ui.main.invocation.response.invocation]  # type: ignore[list-item]
        ui.main.invocation.response.clear()
        await ui.press("4", "comma", "enter")
        ui.sees("PaymentRefused", "order 42", where="#response")
        assert ui.app.focused is ui.main.invocation.response.viewer


async def test_a_run_whose_answer_is_not_kept_says_so() -> None:
    async with opened(shop()) as ui:
        await _failed_run(ui)
        await ui.press("4", "comma", "enter")
        assert any("is not kept" in toast for toast in ui.toasts())


async def test_the_response_says_what_such_runs_cost_on_aws_and_of_when_the_prices_are() -> None:
    async with opened(shop()) as ui:
        await ui.press("i")
        ui.sees("$0.25 per million runs · prices 2026-09-01", where="#response")
    async with opened(shop(AWS)) as ui:
        await ui.press("i")
        ui.sees("per million runs", where="#response")
