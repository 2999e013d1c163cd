"""What invoking offers beyond one call: saved payloads, bursts, streams, events that are followed."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lambdatui.model import Invocation, InvocationType, LogEvent, LogKind, TargetKind
from lambdatui.model.invocation import Chunk
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.burst import BurstPlan, quantile
from lambdatui.service.following import LogTrail, follow
from lambdatui.service.invoker import encoded_context
from lambdatui.service.json_diff import JsonChange, changes
from lambdatui.service.last_event import newest_printed, printed_event
from lambdatui.service.loglines import line
from lambdatui.service.saved_events import SavedEvents
from lambdatui.service.shared_events import examples
from tests.conftest import EngineProcess
from tests.service.conftest import ROLE

HANDLER = """
import time

def handler(event, context):
    if "context" in event:
        return context.client_context.custom
    if "print" in event:
        print("got", event)
    if "boom" in event:
        raise ValueError("no")
    return {"version": context.function_version}
"""
STREAMER = """
import http.client, json, os, time

host = os.environ["AWS_LAMBDA_RUNTIME_API"]
while True:
    ask = http.client.HTTPConnection(host)
    ask.request("GET", "/2018-06-01/runtime/invocation/next")
    got = ask.getresponse()
    got.read()
    request = got.headers["Lambda-Runtime-Aws-Request-Id"]
    answer = http.client.HTTPConnection(host)
    answer.putrequest("POST", f"/2018-06-01/runtime/invocation/{request}/response")
    answer.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    answer.putheader("Transfer-Encoding", "chunked")
    answer.endheaders()
    for word in (b"one ", b"two ", b"three"):
        answer.send(b"%x\\r\\n%s\\r\\n" % (len(word), word))
        time.sleep(0.1)
    answer.send(b"0\\r\\n\\r\\n")
    answer.getresponse().read()
"""


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            made = zipfile.ZipInfo(name.replace("__", "."))
            made.external_attr = 0o100755 << 16
            archive.writestr(made, text)
    return buffer.getvalue()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)[5:60].replace("[", "-").replace("]", "")


@pytest.fixture
async def local(engine: EngineProcess, name: str) -> AsyncIterator[Service]:
    """The engine with a function named after the test."""
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    await service.functions.create(
        name, runtime="python3.11", handler="handler.handler", code=zipped(handler__py=HANDLER)
    )
    await service.functions.settled(name)
    yield service
    await service.close()


# -- saved payloads ---------------------------------------------------------------------------


async def test_payloads_are_saved_renamed_and_deleted(tmp_path: Path) -> None:
    saved = SavedEvents(tmp_path / "events")
    assert await saved.of("checkout") == []
    await saved.save("checkout", "Big order", '{"order": 42}')
    await saved.save("checkout", "a small one", "1")
    await saved.save("other", "theirs", "2")
    assert [(one.name, one.size) for one in await saved.of("checkout")] == [
        ("a small one", 1),
        ("Big order", 13),
    ]
    assert await saved.read("checkout", "Big order") == '{"order": 42}'
    with pytest.raises(errors.Conflict, match="There is a payload named Big order already"):
        await saved.save("checkout", "Big order", "3")
    await saved.save("checkout", "Big order", "3", replace=True)
    await saved.rename("checkout", "Big order", "v2.1")
    with pytest.raises(errors.Conflict):
        await saved.rename("checkout", "v2.1", "a small one")
    with pytest.raises(errors.NotFound):
        await saved.rename("checkout", "gone", "x")
    await saved.delete("checkout", "a small one")
    assert [one.name for one in await saved.of("checkout")] == ["v2.1"]
    assert await saved.read("checkout", "v2.1") == "3"
    assert saved.folder("checkout").stat().st_mode & 0o077 == 0
    assert next(saved.folder("checkout").iterdir()).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("bad", ["", "../x", ".hidden", "a/b", "x" * 81])
async def test_names_that_are_no_names_of_files_are_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(errors.Invalid, match="A name has up to 80"):
        await SavedEvents(tmp_path).save("checkout", bad, "1")
    assert list(tmp_path.iterdir()) == []


def test_shared_events_are_the_examples_of_the_schema() -> None:
    content = json.dumps(
        {"openapi": "3.0.0", "components": {"examples": {"paid\x1b": {"value": {"order": 1}}, "odd": 3}}}
    )
    assert list(examples(content).items()) == [("paid␛", '{\n  "order": 1\n}')]
    assert examples("no json") == {}
    assert examples('{"components": []}') == {}


# -- the last real event ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "event"),
    [
        ('got {"order": 42}', {"order": 42}),
        ("got {'order': 42, 'paid': True}", {"order": 42, "paid": True}),
        ('[INFO]\t2026-11-21T14:02:10Z\tid\t{"order": 42} and more', {"order": 42}),
        ('{"level": "INFO", "message": {"order": 42}, "timestamp": "x"}', {"order": 42}),
        ('{"level": "INFO", "message": "got {\\"order\\": 42}", "timestamp": "x"}', {"order": 42}),
        ('{"level": "INFO", "message": "got it", "event": {"order": 42}}', {"order": 42}),
        ('{"level": "INFO", "message": "got it"}', None),
        ("nothing {here", None),
        ("{}", None),
        ("__import__('os').system('true') {", None),
    ],
)
def test_what_a_line_prints(printed: str, event: object) -> None:
    assert printed_event(printed) == event


def test_the_first_object_of_the_newest_run_that_printed_one() -> None:
    said = [("START", ""), ("", "{'n': 1}"), ("START", ""), ("", "{'n': 2}"), ("", "{'n': 3}"), ("START", "")]
    events = [
        LogEvent(at, text, kind=LogKind.START if kind else LogKind.OUTPUT)
        for at, (kind, text) in enumerate(said)
    ]
    found = newest_printed(events)
    assert found is not None
    assert (json.loads(found.payload), found.at_ms) == ({"n": 2}, 3)
    assert "may be only a part" in found.origin


async def test_the_last_event_of_the_engine(local: Service, name: str) -> None:
    group = f"/aws/lambda/{name}"
    now_ms = 2_000_000_000_000
    assert await local.last_events.of(name, group, now_ms) is None
    await local.invoker.invoke(name, b'{"print": 7}')
    async with asyncio.timeout(10):
        while (found := await local.last_events.of(name, group, 3600_000)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (json.loads(found.payload), "printed this to its log" in found.origin) == ({"print": 7}, True)
    await local.invoker.invoke(name, b'{"boom": 8}', type=InvocationType.EVENT)
    async with asyncio.timeout(10):
        while "waits in the engine's queue" not in found.origin:
            await asyncio.sleep(0.05)
            found = await local.last_events.of(name, group, 3600_000)
            assert found is not None
    assert json.loads(found.payload) == {"boom": 8}


# -- client context, streams, bursts ----------------------------------------------------------


async def test_the_client_context_arrives(local: Service, name: str) -> None:
    run = await local.invoker.invoke(name, b'{"context": 1}', client_context='{"custom": {"user": "ada"}}')
    assert json.loads(run.text) == {"user": "ada"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The client context is not JSON"),
        ("[1]", "The client context is a JSON object"),
        ("[" * 100_000, "The client context is nested too deeply"),
        (json.dumps({"a": "x" * 2700}), "bytes in base64: Lambda takes 3583"),
    ],
)
def test_a_client_context_that_cannot_be_sent(text: str, sentence: str) -> None:
    with pytest.raises(errors.ServiceError, match=sentence):
        encoded_context(text)


async def test_a_streamed_answer_comes_chunk_by_chunk(local: Service, name: str) -> None:
    streamer = f"{name}-own"
    await local.functions.create(
        streamer,
        runtime="provided.al2023",
        handler="x",
        code=zipped(bootstrap="#!/usr/bin/env python3\n" + STREAMER),
    )
    await local.functions.settled(streamer)
    heard: list[Chunk] = []
    run = await local.invoker.stream(streamer, b"{}", on_chunk=heard.append)
    assert (run.text, run.ok, run.status) == ("one two three", True, 200)
    assert [chunk.text for chunk in heard] == ["one ", "two ", "three"]
    assert heard[2].at_ms - heard[0].at_ms > 100, "each was heard when it came"
    assert run.chunks == tuple(heard)
    assert run.report is not None
    assert (await local.history.of(streamer))[0].chunks == run.chunks


async def test_a_streamed_call_of_a_function_that_fails(local: Service, name: str) -> None:
    run = await local.invoker.stream(name, b'{"boom": 1}')
    assert run.error is not None
    assert (run.ok, run.error.type, run.error.message) == (False, "ValueError", "no")
    with pytest.raises(errors.NotFound):
        await local.invoker.stream(f"{name}-not-there", b"{}")


async def test_a_burst_counts_what_came(local: Service, name: str) -> None:
    burst = local.bursts.start(BurstPlan(name, None, b"{}", 30, 4))
    await burst.wait()
    tally = burst.tally
    assert (tally.done, tally.ok, tally.ran_count, burst.is_over) == (30, 30, 30, True)
    assert 1 <= tally.cold <= 4
    assert {version: share.runs for version, share in tally.versions.items()} == {"$LATEST": 30}
    assert sum(tally.warm_bins.values()) == 30 - tally.cold
    assert tally.quantile(0.5) <= tally.quantile(0.95) == quantile(tally.durations, 0.95)
    assert (tally.priced, tally.dollars > 0) == (30, True)
    assert await local.history.of(name) == [], "a burst does not push what was sent by hand out"


async def test_errors_are_counted_by_kind(local: Service, name: str) -> None:
    burst = local.bursts.start(BurstPlan(name, None, b'{"boom": 1}', 5, 2))
    await burst.wait()
    assert (burst.tally.errors, burst.tally.ok) == ({"ValueError": 5}, 0)


async def test_a_burst_on_what_is_not_there_ends_at_once(local: Service, name: str) -> None:
    burst = local.bursts.start(BurstPlan(f"{name}-gone", None, b"{}", 1000, 3))
    await burst.wait()
    assert burst.tally.done <= 3
    assert "gone" in burst.broken


async def test_a_cancelled_burst_sends_no_more(local: Service, name: str) -> None:
    burst = local.bursts.start(BurstPlan(name, None, b"{}", 10_000, 2))
    while not burst.tally.done:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    burst.cancel()
    await burst.wait()
    assert (burst.cancelled, burst.is_over, burst.tally.done < 10_000) == (True, True, True)


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert [quantile(range(1, 101), share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert (quantile([], 0.5), quantile([7], 0.95)) == (0.0, 7)


# -- comparing --------------------------------------------------------------------------------


def test_what_differs_in_two_answers() -> None:
    left = '{"a": 1, "b": {"c": [1, 2, 3], "x y": true}, "same": null, "gone": "x"}'
    right = '{"same": null, "a": 1.5, "b": {"c": [1, 9], "x y": 1}, "new": [2]}'
    assert changes(left, right) == [
        JsonChange("a", "1", "1.5"),
        JsonChange("b.c[1]", "2", "9"),
        JsonChange("b.c[2]", "3", None),
        JsonChange('b["x y"]', "true", "1"),
        JsonChange("gone", '"x"', None),
        JsonChange("new", None, "[2]"),
    ]
    assert changes('{"b": 1, "a": 2}', '{"a": 2, "b": 1}') == []
    assert changes("not json", "not json") == []
    assert changes("not json", "1") == [JsonChange("", "not json", "1")]


# -- after a 202 ------------------------------------------------------------------------------


async def test_an_event_is_followed_through_its_attempts(local: Service, name: str) -> None:
    assert local.inspection is not None
    sent: Invocation = await local.invoker.invoke(name, b'{"boom": 1}', type=InvocationType.EVENT)
    async with asyncio.timeout(20):
        async for progress in follow(local.inspection, sent.request_id):
            if progress.next_in_s and progress.failed:
                break
    assert progress.sentence == "attempt 1 of 3 failed: ValueError"
    assert progress.next_in_s is not None
    assert 50 < progress.next_in_s <= 60
    assert (progress.sure, progress.over) == (True, False)


async def test_an_event_that_succeeds(local: Service, name: str) -> None:
    assert local.inspection is not None
    sent = await local.invoker.invoke(name, b"{}", type=InvocationType.EVENT)
    async with asyncio.timeout(20):
        told = [progress async for progress in follow(local.inspection, sent.request_id)]
    assert (told[-1].sentence, told[-1].over, told[-1].failed) == ("succeeded", True, False)


ID = "7c1e0001-0000-4000-8000-0000000000aa"
FIGURES = "Duration: 3 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB"
OTHER = "9d2f0001-0000-4000-8000-0000000000bb"


def log(*lines: str) -> list[LogEvent]:
    return [line(text, stream="s") for text in lines]


def test_the_log_tells_of_attempts_and_says_that_it_is_the_log() -> None:
    trail = LogTrail(ID, retries=1)
    assert trail.read(log(f"START RequestId: {OTHER} Version: 1", "[ERROR] KeyError: 'x'")) is None
    told = trail.read(log(f"START RequestId: {ID} Version: 1"))
    assert told is not None
    assert (told.sentence, told.sure) == ("attempt 1 runs, by its log", False)
    told = trail.read(
        log(
            "[ERROR] ValueError: no such order\nTraceback",
            f"END RequestId: {ID}",
            f"REPORT RequestId: {ID}\t{FIGURES}",
        )
    )
    assert told is not None
    assert told.sentence == "attempt 1 failed: ValueError; AWS usually tries again 60 s later"
    assert (told.failed, told.over, told.sure) == (True, False, False)
    told = trail.read(
        log(
            f"START RequestId: {ID} Version: 1",
            f"2026-11-21T14:02:10.113Z {ID} Task timed out after 3.00 seconds",
            f"REPORT RequestId: {ID}\tDuration: 3000 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB"
            "\tMax Memory Used: 40 MB\tStatus: timeout",
        )
    )
    assert told is not None
    assert told.sentence == "attempt 2 failed: timeout; no attempt is left by its settings"
    assert told.over


def test_the_log_of_a_run_that_went_well() -> None:
    told = LogTrail(ID).read(
        log(
            f"START RequestId: {ID} Version: 1",
            "fine",
            f"REPORT RequestId: {ID}\t{FIGURES}",
        )
    )
    assert told is not None
    assert (told.sentence, told.over) == ("ran without an error that its log shows", True)


# -- on AWS -----------------------------------------------------------------------------------


async def test_aws_has_shared_events_only_where_there_is_a_registry(aws: Service, local: Service) -> None:
    assert aws.shared_events is None, "moto is no AWS"
    assert local.shared_events is None


async def test_a_client_context_too_big_is_not_sent(aws: Service, code: bytes) -> None:
    await aws.functions.create("echo", runtime="python3.11", handler="handler.handler", code=code, role=ROLE)
    with pytest.raises(errors.TooLarge):
        await aws.invoker.invoke("echo", b"{}", client_context=json.dumps({"a": "x" * 3000}))
