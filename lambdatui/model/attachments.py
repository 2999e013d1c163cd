"""What hangs on a function: triggers, grants, destinations, limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping: Lambda fetches from a queue or stream and invokes."""

    id: str
    source: str  # ARN, or the brokers of a Kafka of one's own
    function: str  # ARN of what is invoked
    state: str  # Enabled, Disabled, Creating, …
    reason: str = ""
    batch_size: int | None = None
    window_s: int = 0
    last_result: str = ""
    filters: int = 0
    on_failure: str = ""
    modified: datetime | None = None

    @property
    def enabled(self) -> bool:
        """Whether it runs or is about to."""
        return self.state in ("Enabled", "Enabling", "Creating", "Updating")


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """An HTTPS address of a function or alias."""

    url: str
    qualifier: str  # "" for the function itself
    auth: str  # NONE | AWS_IAM
    mode: str = "BUFFERED"
    origins: tuple[str, ...] = ()  # of CORS


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a resource policy: who may do what."""

    sid: str
    qualifier: str  # the alias or version whose policy it is in; "" for the function's
    effect: str
    principals: tuple[str, ...]  # service names, ARNs, account numbers, "*"
    actions: tuple[str, ...]
    conditions: tuple[tuple[str, str, str], ...] = ()  # operator, key, value

    def condition(self, key: str) -> str:
        """The value that a condition asks for; empty when there is no such condition."""
        return next((value for _, name, value in self.conditions if name.lower() == key.lower()), "")

    def allows(self, action: str) -> bool:
        return self.effect == "Allow" and bool({action, "lambda:*", "*"}.intersection(self.actions))


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements of one resource policy."""

    qualifier: str
    statements: tuple[Statement, ...]
    revision_id: str = ""


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """What Lambda does with asynchronous events of a function, version or alias."""

    qualifier: str
    retries: int | None = None  # None: Lambda's default of 2
    age_s: int | None = None  # None: Lambda's default of 6 hours
    on_success: str = ""
    on_failure: str = ""
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Environments kept ready for a version or alias."""

    qualifier: str
    requested: int
    allocated: int
    available: int
    status: str  # IN_PROGRESS | READY | FAILED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LayerUse:
    """A layer version that a function uses, and whether there is a newer one."""

    arn: str
    name: str
    number: int
    size: int
    newest: int | None = None  # None: not known (somebody else's layer)
    description: str = ""
