"""A client of CloudWatch, and a metric of one's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import EngineProcess


@pytest.fixture(scope="session")
def watch(engine: EngineProcess) -> Any:
    return engine.client("cloudwatch")


@pytest.fixture(scope="session")
def custom(watch: Any) -> str:
    """A namespace with ten minutes of values 1 to 10."""
    namespace, now = "Shop/Orders", datetime.now(UTC)
    data = [
        {
            "MetricName": "Total",
            "Dimensions": [{"Name": "Shop", "Value": "a"}],
            "Timestamp": now - timedelta(minutes=10 - number),
            "Value": number + 1.0,
            "Unit": "Count",
        }
        for number in range(10)
    ]
    watch.put_metric_data(Namespace=namespace, MetricData=data)
    watch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "Size", "Values": [1.0, 100.0], "Counts": [99.0, 1.0], "Unit": "Bytes"},
            {
                "MetricName": "Set",
                "StatisticValues": {"SampleCount": 4.0, "Sum": 20.0, "Minimum": 2.0, "Maximum": 9.0},
            },
        ],
    )
    return namespace
