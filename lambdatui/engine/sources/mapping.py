"""An event source mapping as its poller sees it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lambdatui.engine.store.documents import Document
from lambdatui.patterns import Filters, Source

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of one invocation's event."""

Key = tuple[str, str, str]
_FILTERED = {
    "sqs": Source.SQS,
    "kinesis": Source.KINESIS,
    "dynamodb": Source.DYNAMODB,
    "kafka": Source.KAFKA,
}
KAFKA = "kafka"


@dataclass(frozen=True)
class Mapping:
    """The settings of one mapping; another object whenever they change."""

    account: str
    region: str
    uuid: str
    document: dict[str, Any]

    @classmethod
    def of(cls, entry: Document) -> Mapping:
        return cls(entry.account, entry.region, entry.id, entry.document)

    @property
    def kind(self) -> str:
        """The service that is polled: sqs, kinesis, dynamodb, kafka, …"""
        return self.arn.split(":")[2] if self.arn else KAFKA

    @property
    def arn(self) -> str:
        """The source; empty for self-managed Kafka."""
        return str(self.document.get("EventSourceArn", ""))

    @property
    def source_account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def source_region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def function(self) -> Key:
        """Account, region and name of the function."""
        parts = self.document["FunctionArn"].split(":")
        return parts[4], parts[3], parts[6]

    @property
    def function_arn(self) -> str:
        """Without a qualifier."""
        return ":".join(self.document["FunctionArn"].split(":")[:7])

    @property
    def qualified_arn(self) -> str:
        """With a qualifier in any case."""
        return f"{self.function_arn}:{self.qualifier or '$LATEST'}"

    @property
    def qualifier(self) -> str | None:
        parts = self.document["FunctionArn"].split(":")
        return parts[7] if len(parts) > 7 else None

    @property
    def batch_size(self) -> int:
        return int(self.document["BatchSize"])

    @property
    def window_s(self) -> float:
        return float(self.document.get("MaximumBatchingWindowInSeconds") or 0)

    @property
    def fifo(self) -> bool:
        return self.arn.endswith(".fifo")

    @property
    def partial(self) -> bool:
        """Whether the function says which items of a batch failed."""
        return "ReportBatchItemFailures" in self.document.get("FunctionResponseTypes", ())

    @property
    def on_failure(self) -> str | None:
        """Where the records of failed batches go."""
        target = self.document.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        return target or None

    @cached_property
    def filters(self) -> Filters:
        found = self.document.get("FilterCriteria", {}).get("Filters", [])
        return Filters(_FILTERED[self.kind], [one.get("Pattern", "") for one in found])

    @property
    def concurrency(self) -> int | None:
        """ScalingConfig's limit."""
        found = self.document.get("ScalingConfig", {}).get("MaximumConcurrency")
        return None if found is None else int(found)

    @property
    def pollers(self) -> tuple[int, int] | None:
        """The fewest and the most of ProvisionedPollerConfig; None where they are not its own."""
        found = self.document.get("ProvisionedPollerConfig")
        if not found:
            return None
        fewest = found.get("MinimumPollers", 2 if self.kind == "sqs" else 1)
        return int(fewest), int(found.get("MaximumPollers", max(200, fewest)))

    def number(self, name: str, default: int) -> int:
        found = self.document.get(name)
        return default if found is None else int(found)
