"""The metrics of a mapping whose MetricsConfig asks for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.engine.sources.feeding import Feed

NAMES = ("Polled", "FilteredOut", "Invoked", "FailedInvoke", "Deleted", "Dropped")


def counted(feed: Feed, uuid: str) -> dict[str, float]:
    """The sums of the last minutes; nothing for a metric that is not there."""
    watch, now = feed.engine.client("cloudwatch"), datetime.now(UTC)
    found = {}
    for name in NAMES:
        points: list[Any] = watch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=f"{name}EventCount",
            Dimensions=[{"Name": "EventSourceMappingUUID", "Value": uuid}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        if points:
            found[name] = sum(point["Sum"] for point in points)
    return found


def test_events_are_counted(feed: Feed) -> None:
    url = feed.queue()
    pattern = {"Filters": [{"Pattern": json.dumps({"body": {"keep": [True]}})}]}
    feed.send(url, *[json.dumps({"keep": keep}) for keep in (True, False, True)])
    more = {"MetricsConfig": {"Metrics": ["EventCount"]}, "FilterCriteria": pattern}
    uuid = feed.map(feed.queue_arn(url), **more)
    feed.emptied(url)
    feed.idle(uuid)
    assert counted(feed, uuid) == {"Polled": 3, "FilteredOut": 1, "Invoked": 2, "Deleted": 3}


def test_failures_are_counted(feed: Feed) -> None:
    url = feed.queue()
    feed.fails()
    uuid = feed.map(feed.queue_arn(url), MetricsConfig={"Metrics": ["EventCount"]})
    feed.send(url, "a")
    feed.got(1)
    feed.idle(uuid)
    assert counted(feed, uuid) == {"Polled": 1, "Invoked": 1, "FailedInvoke": 1}


def test_without_being_asked_nothing_is_counted(feed: Feed) -> None:
    url = feed.queue()
    uuid = feed.map(feed.queue_arn(url))
    feed.send(url, "a")
    feed.emptied(url)
    assert counted(feed, uuid) == {}
