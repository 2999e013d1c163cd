"""The life of every environment: why it was born, what it did when, how it ended. Bounded, and nearly free.

Environments append to the ``marks`` of their `Life`, which is all that an invocation pays; the rest is done
when somebody looks. Times are real seconds since 1970 that never go back.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdatui.engine.environments.environment import Environment
    from lambdatui.engine.environments.spec import RunSpec

MARKS = 64
"""Kept of one life; who looks several times a second misses none of a tenth of a second."""
ENDED = 256
"""Lives that are over and still told of."""
FUNCTIONS = 4096
"""Functions whose past is remembered."""
INIT, BUSY, IDLE, FROZEN, KILLED, OVER = "init", "busy", "idle", "frozen", "killed", "ended"

BEGAN = time.time() - time.perf_counter()
"""What makes a time of marks of one that `perf_counter` says."""

Key = tuple[str, str, str]


def now() -> float:
    """The time of marks."""
    return BEGAN + time.perf_counter()


class Why(StrEnum):
    """Why an environment was born."""

    FIRST = "first"
    SCALE_OUT = "scale-out"
    NEW_VERSION = "new version"
    RESET = "reset"
    PROVISIONED = "provisioned"


@dataclass(eq=False, slots=True)
class Life:
    """One environment, living or not."""

    number: int
    spec: RunSpec
    why: Why
    after: str
    """For one born of a reset: how the last one before it ended."""
    born: float
    environment: Environment | None
    """None once it is over."""
    init_ms: float | None = None
    ended: float | None = None
    how: str = ""
    """What ended it, in words."""
    invocations: int = 0
    peak_mb: int = 0
    marks: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=MARKS))

    @property
    def changed(self) -> float:
        """When something last happened to it."""
        return self.marks[-1][0]


@dataclass(slots=True)
class _Past:
    """What is remembered of a function when a new environment of it is born."""

    spec: RunSpec
    ended: str = ""


class Ledger:
    """All lives of an engine: those that go on, and the latest that are over."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._living: dict[int, Life] = {}
        self._over: deque[Life] = deque(maxlen=ENDED)
        self._alive: Counter[tuple[RunSpec, bool]] = Counter()
        self._past: dict[Key, dict[str, _Past]] = {}
        """By function and version."""

    def born(self, environment: Environment) -> Life:
        """A new environment begins its INIT."""
        spec = environment.spec
        why, after = self._reason(spec, environment.provisioned)
        life = Life(next(self._numbers), spec, why, after, now(), environment)
        life.marks.append((life.born, INIT))
        self._living[life.number] = life
        self._alive[spec, environment.provisioned] += 1
        return life

    def _reason(self, spec: RunSpec, provisioned: bool) -> tuple[Why, str]:
        """Why one is needed, by what there was before of its version and of its function."""
        versions = self._past.pop(_key(spec), {})
        known, past = bool(versions), versions.get(spec.version)
        again = past is not None and past.spec is spec
        versions[spec.version] = past if past is not None and again else _Past(spec)
        self._past[_key(spec)] = versions
        if len(self._past) > FUNCTIONS:
            del self._past[next(iter(self._past))]
        if provisioned:
            return Why.PROVISIONED, ""
        if self._alive[spec, False]:
            return Why.SCALE_OUT, ""
        if past is not None and again:
            return Why.RESET, past.ended
        return (Why.NEW_VERSION if known else Why.FIRST), ""

    def over(self, life: Life, invocations: int, peak_mb: int) -> None:
        """An environment ended; whoever ended it has said how."""
        life.ended = now()
        life.invocations, life.peak_mb, life.environment = invocations, peak_mb, None
        life.marks.append((life.ended, OVER))
        self._over.append(self._living.pop(life.number))
        kind = (life.spec, life.why is Why.PROVISIONED)
        self._alive[kind] -= 1
        if not self._alive[kind]:
            del self._alive[kind]
        past = self._past.get(_key(life.spec), {}).get(life.spec.version)
        if past is not None and past.spec is life.spec:
            past.ended = life.how

    def find(self, number: int) -> Life | None:
        """The life of that number, if it is still told of."""
        return self._living.get(number) or next((one for one in self._over if one.number == number), None)

    def changed_at(self) -> float:
        """When anything last happened to any of them."""
        latest = max((life.marks[-1][0] for life in self._living.values()), default=0.0)
        return max(latest, self._over[-1].changed if self._over else 0.0)

    def since(self, when: float) -> Iterator[Life]:
        """Those to which something happened after `when`, and those that are busy."""
        for life in itertools.chain(self._over, self._living.values()):
            last, state = life.marks[-1]
            if last > when or state == BUSY:
                yield life

    @property
    def counts(self) -> tuple[int, int]:
        """How many live, and how many are over and still told of."""
        return len(self._living), len(self._over)


def _key(spec: RunSpec) -> Key:
    return spec.account, spec.region, spec.name
