"""Payloads, bursts, comparisons, streams and events that are followed, by key."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdatui.model import InvocationType
from lambdatui.model.inspection import EngineTime, EventState, FollowedEvent, QueuedEvent
from lambdatui.service.errors import Denied, Invalid, NotFound
from lambdatui.service.last_event import LastEvent
from lambdatui.service.saved_events import SavedEvents
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import AWS, FakeService, shop


async def kept(service: FakeService) -> list[str]:
    saved: SavedEvents = service.saved_events
    return [one.name for one in await saved.of("checkout")]


# -- payloads ---------------------------------------------------------------------------------


async def test_a_payload_is_saved_used_renamed_and_deleted() -> None:
    service = shop()
    async with opened(service) as ui:
        ui.main.invocation.payload = '{"order": 42}'
        await ui.press("P")
        ui.sees("Payloads ▸ checkout", "ctrl+n saves the one at hand", "from a file…", "SQS: a batch")
        await ui.press("ctrl+n")
        await ui.type("big order")
        await ui.press("enter")
        ui.sees("saved", "big order", "13 B")
        await ui.press("g", "ctrl+n")
        await ui.type("big order")
        await ui.press("enter")
        ui.sees("There is a payload named big order already.")
        await ui.press("escape", "f2")
        await ui.type("big order v2")
        await ui.press("enter")
        assert await kept(service) == ["big order v2"]
        await ui.press("escape")
        ui.main.invocation.payload = "{}"
        await ui.press("P", "g", "enter")
        assert ui.main.invocation.payload == '{"order": 42}'
        await ui.press("P", "g", "x")
        ui.sees("Delete the payload big order v2?", "checkout itself is not touched")
        await ui.press("tab", "enter")
        assert await kept(service) == []


async def test_only_saved_payloads_can_be_renamed_and_deleted() -> None:
    async with opened(shop()) as ui:
        await ui.press("P", "G")
        ui.sees("enter use it  ctrl+n save", where="Footer").misses("rename", "delete", where="Footer")
        await ui.press("x", "f2")
        ui.sees("Payloads ▸ checkout")


async def test_a_sample_asks_for_its_parameters_and_esc_keeps_what_was_typed() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "[1]"
        await ui.press("P", "slash")
        await ui.type("sqs: a")
        await ui.press("enter", "enter")
        ui.sees("Event: SQS: a batch")
        await ui.press("escape", "escape", "escape")
        assert ui.main.invocation.payload == "[1]"
        await ui.press("P", "slash")
        await ui.type("sqs: a")
        await ui.press("enter", "enter", "enter")
        assert json.loads(ui.main.invocation.payload)["Records"][0]["eventSource"] == "aws:sqs"


async def test_a_file_becomes_the_payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "order.json"
    file.write_text('{"from": "file"}')
    async with opened(shop()) as ui:
        await ui.press("P", "slash")
        await ui.type("from a")
        await ui.press("enter", "enter")
        await ui.type("no.json")
        await ui.press("enter")
        ui.sees("There is no file")
        await ui.press("ctrl+u")
        await ui.type("order.json")
        await ui.press("enter")
        assert ui.main.invocation.payload == '{"from": "file"}'


async def test_what_the_function_last_got_says_where_it_comes_from() -> None:
    service = shop()
    origin = "A run printed this to its log. It may be only a part."
    service.last_events.found = LastEvent('{"real": 1}', int(NOW.timestamp() * 1000) - 240_000, origin)
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("P", "g")
        ui.sees("last got", "last real event", "A run printed this to its log", "4 min ago", '"real": 1')
        await ui.press("enter")
        assert ui.main.invocation.payload == '{"real": 1}'


class Shared:
    def __init__(self, error: Denied | None = None) -> None:
        self.error = error

    async def of(self, function: str) -> dict[str, str]:
        if self.error:
            raise self.error
        return {"paid order": '{"shared": true}'}


async def test_shared_events_come_from_the_registry_and_a_refusal_leaves_the_rest() -> None:
    service = shop(AWS)
    service.shared_events = Shared()
    async with opened(service) as ui:
        await ui.press("P", "g")
        ui.sees("shared", "paid order")
        await ui.press("enter")
        assert ui.main.invocation.payload == '{"shared": true}'
        service.shared_events = Shared(Denied("You may not read schemas."))
        await ui.press("P")
        ui.misses("paid order").sees("SQS: a batch")
        assert any("You may not read schemas." in toast for toast in ui.toasts())


async def test_what_was_sent_is_offered_once_for_each_payload() -> None:
    service = shop()
    async with opened(service) as ui:
        ui.main.invocation.payload = '{"n": 1}'
        await ui.press("i")
        run = ui.main.invocation.response.invocation
        assert run is not None
        service.history.runs["checkout"] = [run, run, replace(run, payload=b'{"n": 2}')]
        await ui.press("P")
        assert ui.text().count("sent ") >= 2
        ui.sees("to $LATEST, 200")
        await ui.press("g", "enter")
        assert json.loads(ui.main.invocation.payload) == {"n": 1}


# -- client context and streams ---------------------------------------------------------------


async def test_the_client_context_goes_with_the_invocation() -> None:
    async with opened(shop()) as ui:
        await ui.press("at")
        ui.sees("Client context of checkout")
        await ui.type("[1]")
        await ui.press("enter")
        ui.sees("The client context is a JSON object")
        await ui.press("ctrl+u")
        await ui.type('{"custom": {"user": "ada"}}')
        await ui.press("enter")
        ui.sees("valid · with a client context", where="#gauge")
        await ui.press("Y", "i")
        assert "--client-context eyJjdXN0b20iOnsidXNlciI6ImFkYSJ9fQ==" in ui.copies[-1]
        assert ui.service.gates.made("client_context") == [('{"custom": {"user": "ada"}}',)]
        await ui.press("j")
        ui.misses("client context", where="#gauge")
        await ui.press("k", "at", "ctrl+u", "enter", "i")
        assert len(ui.service.gates.made("client_context")) == 1


async def test_a_streamed_answer_is_seen_while_it_comes() -> None:
    service = shop()
    hold = service.gates.hold("chunk")
    async with opened(service) as ui:
        await ui.press("ampersand")
        ui.sees("[RequestResponse] Event DryRun ─ streamed", where="#invoke")
        await ui.press("i")
        await ui.until("1 chunk, 12 B", where="#summary")
        ui.sees("100 ms", "+   100 ms", where="#response")
        hold.set()
        await ui.settle()
        ui.sees("✓ 200", '"charged": true', "2 chunks", where="#response")
        await ui.press("3", "space")
        ui.sees("200 ms", "true}", where="#response")
        await ui.press("1", "ampersand")
        ui.misses("streamed", where="#invoke")


async def test_a_function_whose_url_streams_is_streamed_unasked() -> None:
    from lambdatui.model import FunctionUrl

    service = shop()
    service.parts.addresses = [FunctionUrl("https://a", "", "NONE", mode="RESPONSE_STREAM")]
    async with opened(service) as ui:
        await ui.press("i")
        ui.sees("2 chunks", where="#response").sees("streamed", where="#invoke")


# -- bursts -----------------------------------------------------------------------------------


async def start_burst(ui: Person, runs: str, parallel: str) -> None:
    await ui.press("number_sign", "ctrl+u")
    await ui.type(runs)
    await ui.press("tab", "ctrl+u")
    await ui.type(parallel)
    await ui.press("enter")


async def test_a_burst_shows_durations_versions_starts_and_cost() -> None:
    service = shop()
    async with opened(service) as ui:
        ui.main.invocation.payload = '{"cold": 1}'
        await ui.press("2", "j", "number_sign")
        ui.sees("Invoke checkout:prod many times", "These are real runs", "on this machine")
        await ui.press("escape")
        await start_burst(ui, "25", "4")
        await ui.until("25 of 25", "✓ 25")
        ui.sees("Burst ▸ checkout:prod", "25 invocations, 4 at a time", "p95 12 ms",
                "◇ 25 cold, 100 %", "10 to 20 ms", "per million like these")  # fmt: skip
        ui.sees("# another", where="Footer").misses("s stop", where="Footer")
        assert len(service.gates.made("invoke")) == 25
        await ui.press("number_sign")
        ui.sees("Invoke checkout:prod many times")


async def test_what_is_no_number_is_said_and_failures_are_counted() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = '{"boom": 1}'
        await start_burst(ui, "many", "4")
        ui.sees("A whole number from 1 to 10000.")
        await ui.press("ctrl+u")
        await ui.type("7")
        await ui.press("enter")
        await ui.until("7 of 7", "✗ 7", "PaymentRefused")


async def test_a_burst_is_stopped_and_goes_on_when_it_is_left() -> None:
    service = shop()
    async with opened(service) as ui:
        hold = service.gates.hold("invoke")
        await start_burst(ui, "50", "5")
        ui.sees("0 of 50", "s stop")
        await ui.press("escape")
        assert any("The burst goes on" in toast for toast in ui.toasts())
        await ui.press("number_sign")
        ui.sees("0 of 50")
        await ui.press("s")
        await ui.until("stopped after", "run to their end unseen")
        hold.set()
        assert len(service.gates.made("invoke")) == 5


async def test_a_burst_that_nobody_can_run_says_why() -> None:
    service = shop()
    service.gates.fail("invoke", NotFound("checkout has no version 9."))
    async with opened(service) as ui:
        await start_burst(ui, "1000", "3")
        await ui.until("✗ ended: checkout has no version 9.")


async def test_a_bad_payload_starts_no_burst() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "{"
        await ui.press("number_sign", "equals_sign")
        assert len([toast for toast in ui.toasts() if "The payload is not good" in toast]) == 2
        assert len(ui.app.screen_stack) == 2


async def test_on_aws_a_burst_asks_once_before_it_writes() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("number_sign")
        ui.sees("First change on AWS", "account 123456789012")
        await ui.press("tab", "enter")
        ui.sees("Invoke checkout many times", "AWS bills it")


# -- comparing --------------------------------------------------------------------------------


class Versioned:
    """Answers with the version that was asked."""

    def __init__(self, service: FakeService) -> None:
        self._invoke = service.invoker.invoke

    async def __call__(self, name: str, payload: bytes, **options: Any) -> Any:
        run = await self._invoke(name, payload, **options)
        answer = json.dumps({"version": run.executed_version, "same": [1, 2]})
        return replace(run, text=answer, response=answer.encode())


async def test_two_versions_are_compared_on_one_payload() -> None:
    service = shop()
    service.invoker.invoke = Versioned(service)  # type: ignore[method-assign]
    async with opened(service) as ui:
        await ui.press("2", "j", "equals_sign")
        ui.sees("Compare two answers", "Both get the payload at hand, and both really run.")
        await ui.press("tab", "ctrl+u")
        await ui.type("nope")
        await ui.press("enter")
        ui.sees("There is no nope here.")
        await ui.press("ctrl+u")
        await ui.type("2")
        await ui.press("enter")
        ui.sees("Compare ▸ checkout", "1 difference", "version", '"3"', '"2"', "version 3", "✓ 200")
        assert [call[2] for call in service.gates.made("invoke")] == ["prod", "2"]
        await ui.press("r")
        assert len(service.gates.made("invoke")) == 2
        await ui.press("i")
        assert len(service.gates.made("invoke")) == 4
        await ui.press("g", "y", "tab", "tab", "tab", "escape")
        assert ui.copies[-1].split() == ["version", '"3"', '"2"']


async def test_equal_answers_and_failing_sides_are_said() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("2", "j", "equals_sign", "enter")
        ui.sees("Nothing differs in the answers.", "0 differences")
        service.gates.fail("invoke", Invalid("The payload was refused."))
        await ui.press("i")
        ui.sees("One side gave no answer to compare.", "✗ no answer", "The payload was refused.")


async def test_local_is_compared_with_aws_after_the_question() -> None:
    here, there = shop(), shop(AWS)
    asked: list[Any] = []

    async def opener(spec: Any, **options: Any) -> Any:
        asked.append(spec)
        return here if len(asked) == 1 else there

    async with opened(here, opener=opener) as ui:
        await ui.press("equals_sign", "tab", "tab", "ctrl+u")
        await ui.type("acme-dev")
        await ui.press("enter")
        ui.sees("First change on AWS", "acme-dev")
        await ui.press("tab", "enter")
        await ui.settle()
        ui.sees("on acme-dev", "Nothing differs in the answers.")
        assert asked[1].profile == "acme-dev"
        assert len(there.gates.made("invoke")) == 1
        await ui.press("escape")
        assert there.closed


# -- after a 202 ------------------------------------------------------------------------------


class Told:
    """An engine that tells of one event what the test wants."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[QueuedEvent] = asyncio.Queue()

    async def event(self, request_id: str, *, since: str = "", wait_s: float = 0.0) -> FollowedEvent:
        event = await self.events.get()
        return FollowedEvent(f"{since}+", EngineTime("real", 1.0, 1000.0), event)


def queued(state: EventState, **more: Any) -> QueuedEvent:
    return QueuedEvent(1, "r", "checkout", None, state, 1000.0, **({"attempts": 0, "of": 3} | more))


async def test_the_pane_follows_an_event_to_its_end() -> None:
    service = shop()
    told = service.inspection = Told()
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("m", "i")
        await told.events.put(queued(EventState.RUNNING))
        await ui.until("✓ 202", "◌ attempt 1 of 3 runs", where="#summary")
        error = {"attempts": 1, "last_error": "ValueError: no such order", "next_due": 1058.0}
        await told.events.put(queued(EventState.WAITING, **error))
        await ui.until(
            "✗ attempt 1 of 3 failed: ValueError, next in 5", "s · Q shows the queue", where="#summary"
        )
        await told.events.put(queued(EventState.DONE, attempts=2))
        await ui.until("✓ succeeded at attempt 2", where="#summary")


async def test_an_event_that_is_given_up_says_who_is_told() -> None:
    service = shop()
    told = service.inspection = Told()
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("m", "i")
        given_up = {"attempts": 3, "last_error": "ValueError: no", "condition": "RetriesExhausted"}
        dlq = "arn:aws:sqs:us-east-1:000000000000:orders-dlq"
        await told.events.put(queued(EventState.FAILED, dlq=dlq, **given_up))
        await ui.until(
            "✗ attempt 3 failed: ValueError, given up: RetriesExhausted; went to orders-dlq", where="#summary"
        )


async def test_another_invocation_ends_the_following() -> None:
    service = shop()
    told = service.inspection = Told()
    async with opened(service) as ui:
        await ui.press("m", "i", "m", "i")
        await told.events.put(queued(EventState.RUNNING))
        await ui.pilot.pause(0.1)
        ui.misses("attempt 1", where="#summary").sees("✓ 200", where="#summary")
        assert ui.main.invocation.kind is InvocationType.REQUEST_RESPONSE


async def test_on_aws_the_words_say_that_only_the_log_tells() -> None:
    service = shop(AWS)
    async with opened(service) as ui:
        await ui.press("m")
        await ui.press("i")
        await ui.until("ran without an error that its log shows", "✓ ran 12 ms", where="#summary")


# -- elsewhere --------------------------------------------------------------------------------


async def test_read_only_has_no_bursts_comparisons_and_shifts() -> None:
    async with opened(shop(replace(AWS, read_only=True)), SIZES["200x60"]) as ui:
        ui.misses("many times", "compare", "shift", where="Footer").sees("P payloads", where="Footer")
        await ui.press("number_sign", "equals_sign", "b")
        assert len(ui.app.screen_stack) == 2


async def test_the_help_of_each_screen_shows_its_keys() -> None:
    async with opened(shop(), (120, 60)) as ui:
        await ui.press("P", "question_mark")
        ui.sees("Make it the payload.", "Save the payload at hand.")
        await ui.press("question_mark", "escape")
        await start_burst(ui, "1", "1")
        await ui.press("question_mark")
        ui.sees("Ask for another burst.").misses("Send no more.")
