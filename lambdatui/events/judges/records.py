"""Sources that hand over batches: which records are done and which come back."""

from __future__ import annotations

import json
from typing import Any

from lambdatui.events.judges.case import Case, Judge, Verdict, is_base64, need, one_of

_MB = 1024 * 1024


def _records(case: Case, name: str = "Records") -> list[dict[str, Any]]:
    found = case.event.get(name) if isinstance(case.event, dict) else None
    return found if isinstance(found, list) else []


def _ids(case: Case) -> list[str]:
    """The identifiers that a partial answer may name; empty when they are not known."""
    ids = []
    for record in _records(case):
        for place, name in (("", "messageId"), ("kinesis", "sequenceNumber"), ("dynamodb", "SequenceNumber")):
            value = (record.get(place, {}) if place else record).get(name)
            if value:
                ids.append(str(value))
    return ids


def _failed(case: Case) -> list[Any]:
    """The identifiers in `batchItemFailures`; anything unclear fails the whole batch."""
    answer = case.value
    if answer is None or answer == "":
        return []
    need(isinstance(answer, dict), "the answer is no object with batchItemFailures")
    failures = answer.get("batchItemFailures")
    if failures is None:
        return []
    need(isinstance(failures, list), "batchItemFailures is no array")
    known, named = _ids(case), []
    for failure in failures:
        need(isinstance(failure, dict) and "itemIdentifier" in failure, "an item has no itemIdentifier")
        identifier = failure["itemIdentifier"]
        need(identifier not in (None, ""), "an itemIdentifier is empty")
        need(not known or identifier in known, f"the itemIdentifier {identifier!r} is none of this batch")
        named.append(identifier)
    return named


def _messages(case: Case) -> Verdict:
    known = _ids(case)
    failed = _failed(case) if case.partial else []
    kept = [identifier for identifier in known if identifier in failed]
    done = [identifier for identifier in known if identifier not in failed]
    sentence = "every message is deleted from the queue"
    if failed:
        sentence = (
            f"{len(failed)} of the messages return after the visibility timeout, the others are deleted"
        )
    return Verdict(True, sentence, {"deleted": done, "returned": kept or failed})


def _fifo(case: Case) -> Verdict:
    """The function itself must return what follows a failure in a group."""
    verdict = _messages(case)
    broken: set[str] = set()
    for record in _records(case):
        group = record.get("attributes", {}).get("MessageGroupId", "")
        if record.get("messageId") in verdict.detail["returned"]:
            broken.add(group)
        elif group in broken:
            sentence = (
                f"{verdict.sentence}; order breaks: a message of group {group} after a failed one is deleted"
            )
            return Verdict(False, sentence, verdict.detail)
    return verdict


def _queue_refuses(case: Case, why: str) -> Verdict:
    sentence = f"nothing is deleted, the whole batch returns after the visibility timeout: {why}"
    return Verdict(False, sentence, {"deleted": [], "returned": _ids(case)})


def _stream(case: Case) -> Verdict:
    failed = _failed(case) if case.partial else []
    known = _ids(case)
    if not failed:
        return Verdict(True, "the batch is done, the next one follows", {"done": known, "retried": []})
    start = min((known.index(identifier) for identifier in failed if identifier in known), default=0)
    lowest = known[start] if known else failed[0]
    sentence = f"the batch is retried from {lowest}; what came before it is done"
    return Verdict(
        True, sentence, {"checkpoint": lowest, "done": known[:start], "retried": known[start:] or failed}
    )


def _window(case: Case) -> Verdict:
    if isinstance(case.event, dict) and case.event.get("isFinalInvokeForWindow"):
        return Verdict(True, "the window is closed; its state is dropped", {"state": None})
    answer = case.value
    need(isinstance(answer, dict) and isinstance(answer.get("state"), dict), "the answer has no state object")
    size = len(json.dumps(answer["state"]).encode())
    need(size <= _MB, f"the state is {size:,} bytes, the limit is {_MB:,}")
    verdict = _stream(case)
    return Verdict(
        True,
        f"{verdict.sentence}; the state goes into the next call",
        {**verdict.detail, "state": answer["state"]},
    )


def _stream_refuses(case: Case, why: str) -> Verdict:
    sentence = f"the whole batch is retried until it succeeds, expires or runs out of attempts: {why}"
    return Verdict(False, sentence, {"done": [], "retried": _ids(case)})


def _broker(case: Case) -> Verdict:
    return Verdict(True, "the batch is done; the answer is ignored")


def _broker_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(False, f"the whole batch is retried: {why}")


# ---- Firehose ----


def _firehose(case: Case) -> Verdict:
    answer = case.value
    need(
        isinstance(answer, dict) and isinstance(answer.get("records"), list),
        "the answer has no records array",
    )
    seen: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for record in answer["records"]:
        need(isinstance(record, dict), "a record is no object")
        identifier = str(record.get("recordId"))
        if identifier in seen:
            wrong[identifier] = "its recordId was returned twice"
        seen[identifier] = str(record.get("result"))
        wrong.update({identifier: reason} if (reason := _firehose_record(record)) else {})
    wanted = [str(record["recordId"]) for record in _records(case, "records")]
    for identifier in set(wanted) - seen.keys():
        wrong[identifier] = "its recordId was not returned"
    for identifier in seen.keys() - set(wanted) if wanted else ():
        wrong[identifier] = "there is no such record in the event"
    counts = {
        result: [i for i, told in seen.items() if told == result and i not in wrong] for result in _RESULTS
    }
    detail = {**counts, "wrong": wrong}
    if wrong:
        first = next(iter(wrong))
        sentence = f"{len(wrong)} records go to the error prefix as failed; record {first}: {wrong[first]}"
        return Verdict(False, sentence, detail)
    told = ", ".join(f"{len(ids)} {result}" for result, ids in counts.items() if ids)
    return Verdict(True, f"Firehose takes the records ({told or 'none'})", detail)


_RESULTS = ("Ok", "Dropped", "ProcessingFailed")


def _firehose_record(record: dict[str, Any]) -> str | None:
    if "recordId" not in record:
        return "it has no recordId"
    if record.get("result") not in _RESULTS:
        return f"its result is {record.get('result')!r}, not one of {', '.join(_RESULTS)}"
    if record["result"] == "Ok" and not is_base64(record.get("data")):
        return "its data is no base64"
    metadata = record.get("metadata") or {}
    keys = metadata.get("partitionKeys", {}) if isinstance(metadata, dict) else None
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        return "its partitionKeys are no texts"
    return None


def _firehose_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(False, f"Firehose tries three more times, then all records go to the error prefix: {why}")


# ---- S3 Batch Operations ----

_CODES = ("Succeeded", "TemporaryFailure", "PermanentFailure")
_OUTCOMES = {"Succeeded": "is done", "TemporaryFailure": "is tried again", "PermanentFailure": "has failed"}


def _s3_batch(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object")
    event = case.event if isinstance(case.event, dict) else {}
    for name in ("invocationSchemaVersion", "invocationId"):
        need(isinstance(answer.get(name), str), f"{name} is missing")
        need(name not in event or answer[name] == event[name], f"{name} is not the one of the event")
    missing = answer.get("treatMissingKeysAs", "PermanentFailure")
    one_of(missing, "treatMissingKeysAs", _CODES)
    need(isinstance(answer.get("results"), list), "results is no array")
    told: dict[str, str] = {}
    for result in answer["results"]:
        need(isinstance(result, dict) and isinstance(result.get("taskId"), str), "a result has no taskId")
        one_of(result.get("resultCode"), "resultCode", _CODES)
        told[result["taskId"]] = result["resultCode"]
    tasks = [task["taskId"] for task in event.get("tasks", [])] or list(told)
    outcome = {task: told.get(task, missing) for task in tasks}
    sentence = "; ".join(f"task {task[:12]} {_OUTCOMES[code]}" for task, code in outcome.items()) or "no task"
    return Verdict(True, sentence, {"results": outcome})


def _s3_batch_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(False, f"S3 Batch Operations counts the task as failed: {why}")


JUDGES = {
    "messages": Judge(_messages, _queue_refuses),
    "fifo": Judge(_fifo, _queue_refuses),
    "stream": Judge(_stream, _stream_refuses),
    "window": Judge(_window, _stream_refuses),
    "broker": Judge(_broker, _broker_refuses),
    "firehose": Judge(_firehose, _firehose_refuses),
    "s3_batch": Judge(_s3_batch, _s3_batch_refuses),
}
