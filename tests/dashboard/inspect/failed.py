"""Dead-letter queues and redrives, answered from memory; a test moves the redrive by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from lambdatui.model.dead_letters import (
    DeadLetterQueue,
    DeadLettersView,
    Letter,
    LetterKind,
    RedrivePlan,
    RedriveState,
    Role,
    RoleKind,
)
from lambdatui.model.neighbours import NeighboursState
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, Gates
from tests.dashboard.fakes import LOCAL, FakeService, shop

ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"
URL = f"http://127.0.0.1:4574/{ACCOUNT}/"
QUEUES = (
    DeadLetterQueue(
        "orders-dlq", f"{ARN}orders-dlq", f"{URL}orders-dlq", 4,
        (Role(RoleKind.FUNCTION, "checkout"), Role(RoleKind.QUEUE, "orders")),
    ),
    DeadLetterQueue(
        "clicks-dlq", f"{ARN}clicks-dlq", f"{URL}clicks-dlq", 0, (Role(RoleKind.MAPPING, "invoice"),)
    ),
)  # fmt: skip


def letter(number: int, kind: LetterKind, body: str, **more: object) -> Letter:
    values: dict[str, object] = {
        "payload": body,
        "when": NOW - timedelta(minutes=7 * number),
        "receives": 1,
    } | more
    return Letter(f"1e77e200-0000-4000-8000-{number:012}", kind, body, **values)  # type: ignore[arg-type]


LETTERS = (
    letter(
        1, LetterKind.DEAD_LETTER, '{"order": 42}', function="checkout", code="200",
        message="PaymentRefused: the bank refused the card",
        request_id="7c1e0001-0000-4000-8000-0000000000aa",
    ),
    letter(
        2, LetterKind.RECORD, '{"requestPayload": {"order": 43}}', payload='{"order": 43}',
        function="payments:prod", code="RetriesExhausted", message="Sandbox.Timedout",
    ),
    letter(3, LetterKind.MESSAGE, "order 44, please"),
    letter(4, LetterKind.BATCH, '{"KinesisBatchInfo": {}}', payload=None, code="RetryAttemptsExhausted"),
)  # fmt: skip


class FakeRun:
    def __init__(self, redrives: FakeRedrives) -> None:
        self._redrives = redrives

    @property
    def state(self) -> RedriveState:
        assert self._redrives.now is not None
        return self._redrives.now

    async def wait(self) -> None:
        await self._redrives.gates.pass_through("wait")
        done = frozenset(self.state.plan.ids) or frozenset(one.id for one in LETTERS)
        self._redrives.set(replace(self.state, done=done, over=True, running=False))


class FakeRedrives:
    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.now: RedriveState | None = None
        self._version = 0

    def set(self, state: RedriveState) -> None:
        """From now on it is that far."""
        self.now = state
        self._version += 1

    def state(self, queue: DeadLetterQueue) -> RedriveState | None:
        return self.now if queue.name == "orders-dlq" else None

    def version(self, queue: DeadLetterQueue) -> int:
        return self._version

    def start(
        self,
        queue: DeadLetterQueue,
        plan: RedrivePlan,
        *,
        edits: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> FakeRun:
        self.gates.calls.append(("redrive", queue.name, plan, dict(edits or {}), again))
        kept = self.now or RedriveState(plan)
        self.set(replace(kept, plan=plan, running=True, over=False, sentence=""))
        return FakeRun(self)

    def stop(self, queue: DeadLetterQueue) -> None:
        assert self.now is not None
        self.set(replace(self.now, running=False, sentence="It was stopped."))


class FakeDeadLetters:
    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.known: tuple[DeadLetterQueue, ...] = QUEUES
        self.asleep = False

    async def view(self, *, wake: bool = False) -> DeadLettersView:
        await self.gates.pass_through("look")
        if self.asleep and not wake:
            return DeadLettersView("asleep", NeighboursState.ASLEEP)
        return DeadLettersView(str(len(self.known)), NeighboursState.READY, "", self.known)

    async def letters(self, queue: DeadLetterQueue) -> tuple[list[Letter], bool]:
        await self.gates.pass_through("letters", queue.name)
        return (list(LETTERS) if queue.count else []), False

    async def delete(self, queue: DeadLetterQueue, ids: frozenset[str]) -> int:
        await self.gates.pass_through("delete_letters", ids)
        return len(ids)


def failing(target: object = LOCAL) -> tuple[FakeService, FakeDeadLetters, FakeRedrives]:
    """The shop with dead-letter queues."""
    service = shop(target)  # type: ignore[arg-type]
    service.dead_letters = FakeDeadLetters(service.gates)
    service.redrives = FakeRedrives(service.gates)
    return service, service.dead_letters, service.redrives
