"""What of AWS's pollers holds here, in words, for `lambdatui doctor`."""

from __future__ import annotations

from lambdatui.engine.api.mapping_rules import Kind, unpolled
from lambdatui.engine.environments.isolation.tiers import Held, Promise
from lambdatui.engine.sources.kafka import UNPACED
from lambdatui.engine.sources.pace import UNCOUNTED


def table() -> list[Promise]:
    """One line for each kind of source."""
    closed = [
        Promise(name, Held.NO, f"{unpolled(kind)} A mapping can be made and stays Disabled.")
        for name, kind in (("Amazon MQ", Kind.MQ), ("DocumentDB", Kind.DOCUMENTDB))
    ]
    return [
        Promise("SQS", Held.PARTLY, f"polled and scaled as on AWS; of provisioned pollers {UNCOUNTED}"),
        Promise("Kinesis", Held.YES, "one reader a shard, or as many as ParallelizationFactor says"),
        Promise("DynamoDB", Held.YES, "one reader a shard, or as many as ParallelizationFactor says"),
        Promise("Kafka, MSK", Held.PARTLY, f"one reader a partition; of provisioned pollers {UNPACED}"),
        *closed,
    ]
