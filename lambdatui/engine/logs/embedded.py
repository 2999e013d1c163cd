"""Metrics that functions print: CloudWatch's embedded metric format, lines of JSON with ``_aws`` in them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.metrics.sketch import LARGEST
from lambdatui.engine.store.logs import Line
from lambdatui.engine.store.metrics import AHEAD_S, OLDEST_S, Series

if TYPE_CHECKING:
    from lambdatui.engine.metrics.registry import Metrics

MOST_VALUES = 100
MOST_DIMENSIONS = 30
MOST_METRICS, MOST_OBSERVED = 1000, 10_000
"""Of one line: metrics with each of their sets of dimensions, and values; what has more counts nothing."""
_MARK = '"_aws"'

Observed = tuple[Series, float, float]  # series, value, seconds since 1970


class EmbeddedMetrics:
    """Reads every line that is stored; one that is not quite in the format is a log line and nothing else."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def stored(self, lines: Sequence[Line]) -> None:
        for line in [line for line in lines if line[5].startswith("{") and _MARK in line[5]]:
            for series, value, at in _read(line[0], line[1], line[5]):
                self._metrics.observe(series, value, at)


def _read(account: str, region: str, message: str) -> list[Observed]:
    try:
        document = orjson.loads(message)
        return list(_observed(account, region, document))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        return []


def _observed(account: str, region: str, document: dict[str, Any]) -> Iterator[Observed]:
    about = document["_aws"]
    at, now = float(about["Timestamp"]) / 1000, time.time()
    if not now - OLDEST_S <= at <= now + AHEAD_S:
        raise ValueError("CloudWatch takes no metrics of that time")
    metrics = observed = 0
    for directive in about["CloudWatchMetrics"]:
        namespace = str(directive["Namespace"])
        wanted, given_sets = directive.get("Metrics", ()), directive.get("Dimensions", [[]])
        metrics += len(wanted) * len(given_sets)
        if metrics > MOST_METRICS:
            raise ValueError("too many metrics")
        sets = [_dimensions(names, document) for names in given_sets]
        for dimensions, metric in product(sets, wanted):
            name, unit = str(metric["Name"]), str(metric.get("Unit", "None"))
            series = Series(account, region, namespace, name, dimensions, unit)
            given = document[name]
            values = given[:MOST_VALUES] if isinstance(given, list) else [given]
            observed += len(values)
            if observed > MOST_OBSERVED:
                raise ValueError("too many values")
            for value in values:
                if isinstance(value, int | float) and abs(value) <= LARGEST:
                    yield series, float(value), at


def _dimensions(names: Sequence[str], document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(name), str(document[name])) for name in names[:MOST_DIMENSIONS]))
