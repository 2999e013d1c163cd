"""The services beside Lambda: in a process that starts when somebody first asks, or where the user says.

Where the user says, their queues, streams and secrets are asked as any client asks them (see `signing`).
Nobody there knows of us: what they push to Lambda goes to a Lambda of their own, if they have one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lambdatui.engine.triggers.errors import unreachable
from lambdatui.engine.triggers.frames import Frame
from lambdatui.engine.triggers.process import ChildProcess
from lambdatui.engine.triggers.signing import is_aws
from lambdatui.engine.triggers.upstream import Endpoint

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock
    from lambdatui.engine.triggers.client import Client

logger = logging.getLogger(__name__)

BUILT_IN, OFF = "built-in", "off"
NOT_STARTED, STARTING, RUNNING, RESTARTING = "not started", "starting", "running", "restarting"
NOT_INSTALLED, FAILED, ELSEWHERE = "not installed", "failed", "elsewhere"
INSTALL = "The services beside Lambda are not installed: pip install 'lambdatui[neighbours]'"
SWITCHED_OFF = "The services beside Lambda are switched off: the engine was started with --neighbours off."
NO_PUSH = (
    "Queues and streams of the services at this address are polled. What S3, SNS, EventBridge, schedules and"
    " Step Functions there send to functions does not come here: have them send to a queue that is mapped."
)
LONGEST_PAUSE = 30.0
_NEEDED = ("moto", "flask", "flask_cors")

SERVICES = frozenset(
    (
        *("sqs", "sns", "s3", "kinesis", "dynamodb", "events", "scheduler", "states"),
        *("iam", "ec2", "kms", "secretsmanager", "ssm", "ecr", "elasticfilesystem", "firehose", "kafka"),
    )
)
"""By the names that requests are signed for. Lambda, its logs and metrics, and STS are the engine's own."""

Callback = Callable[[], None]


class Neighbours:
    """Knows where the neighbours answer, brings them up and says when they were lost."""

    def __init__(self, mode: str, clock: Clock, url: Callable[[], str], *, consume: bool = False) -> None:
        """`mode`: built-in, off, or the URL of somebody else's. `url`: where the engine itself answers.
        `consume`: mappings may take messages out of queues that are AWS's own."""
        self.mode = mode if mode in (BUILT_IN, OFF) else "url"
        self.hear: Callable[[Frame, ChildProcess], None] = lambda frame, child: None
        """Given every frame that the process sends."""
        self._clock = clock
        self._url = url
        self._elsewhere = Endpoint.of(mode) if self.mode == "url" else None
        self.spared = self._elsewhere is not None and is_aws(self._elsewhere.host) and not consume
        """Whether queues are AWS's own, and nobody said that their messages may be taken."""
        self._state = {BUILT_IN: NOT_STARTED, OFF: OFF}.get(mode, ELSEWHERE)
        self._sentence = {BUILT_IN: "", OFF: SWITCHED_OFF}.get(mode, NO_PUSH)
        self._restarts = 0
        self._child: ChildProcess | None = None
        self._endpoint: Endpoint | None = None
        self._starting: asyncio.Task[Endpoint] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._on_death: list[Callback] = []
        self._on_restart: list[Callback] = []
        clock.on_advance(self._follow_clock)

    @property
    def ours(self) -> bool:
        """Whether they are the process of our own, whose polls may wait for longer than AWS's."""
        return self.mode == BUILT_IN

    @property
    def host(self) -> str:
        """The Host that our own requests say, so that URLs in answers lead back to the engine."""
        return self._url().partition("://")[2]

    def on_death(self, callback: Callback) -> None:
        """Called when the process died, and everything it held with it."""
        self._on_death.append(callback)

    def on_restart(self, callback: Callback) -> None:
        """Called when a new process answers after that: it is empty."""
        self._on_restart.append(callback)

    def client(self, service: str, account: str, region: str) -> Client:
        """A client for the engine itself; `service` by botocore's name."""
        from lambdatui.engine.triggers.client import Client  # botocore loads when it is used

        return Client(self, service, account, region)

    def queue_url(self, arn: str) -> str:
        """The URL of a queue, from its ARN."""
        *_, account, name = arn.split(":")
        return f"{self._url()}/{account}/{name}"

    def end_polls(self, arn: str) -> None:
        """Has whoever waits for messages of this queue answered at once, as far as the neighbour is ours."""
        if self._child is not None:
            self._child.order({"end_polls": arn})

    async def endpoint(self) -> Endpoint:
        """Where to send a request; starts the process if need be. Raises NeighbourError."""
        if self._elsewhere is not None:
            return self._elsewhere
        if self._endpoint is not None:
            return self._endpoint
        if self.mode == OFF:
            raise unreachable(SWITCHED_OFF)
        if self._starting is None:
            self._check_installed()
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(self._started)
        return await asyncio.shield(self._starting)

    def describe(self) -> dict[str, Any]:
        """What the status shows."""
        return {
            "mode": self.mode,
            "state": self._state,
            "restarts": self._restarts,
            "pid": self._child.pid if self._child else None,
            "sentence": self._sentence,
        }

    async def close(self) -> None:
        """Ends the process; everything in it is gone."""
        for task in (self._watching, self._starting):
            if task is not None:
                task.cancel()
                with contextlib.suppress(BaseException):
                    await task
        if self._child is not None:
            await self._child.close()

    # -- the process -----------------------------------------------------------------------------

    def _check_installed(self) -> None:
        if any(find_spec(name) is None for name in _NEEDED):
            self._state, self._sentence = NOT_INSTALLED, INSTALL
            raise unreachable(INSTALL)

    async def _start(self) -> Endpoint:
        if self._state != RESTARTING:
            self._state = STARTING
        child = self._child = ChildProcess(self._heard)
        try:
            self._endpoint = await child.start(self._url(), self._time())
        except (OSError, TimeoutError) as error:
            await child.close()
            self._child = None
            why = "not in time" if isinstance(error, TimeoutError) else str(error)
            self._sentence = f"The services beside Lambda did not start: {why}."
            self._state = FAILED
            logger.error("%s", self._sentence)
            raise unreachable(self._sentence) from error
        child.order({"clock": self._time()})
        self._state = RUNNING
        self._watching = asyncio.create_task(self._watch(child))
        return self._endpoint

    def _started(self, task: asyncio.Task[Endpoint]) -> None:
        self._starting = None
        if not task.cancelled():
            task.exception()  # whoever waits has heard of it; nobody may be left

    async def _watch(self, child: ChildProcess) -> None:
        """Brings the neighbours up again when they die, after a pause that grows."""
        code = await child.ended()
        self._child = self._endpoint = None
        self._state = RESTARTING
        self._sentence = f"The services beside Lambda ended (exit code {code}); what they held is lost."
        logger.warning("%s They are started again, empty.", self._sentence)
        await child.close()
        self._call(self._on_death)
        await self._restart()

    def _heard(self, frame: Frame, child: ChildProcess) -> None:
        try:
            self.hear(frame, child)
        except Exception:
            logger.exception("what the neighbours said could not be followed")

    async def _restart(self) -> None:
        pause = 0.0
        while self._endpoint is None:
            await asyncio.sleep(pause)
            pause = min(max(1.0, pause * 2), LONGEST_PAUSE)
            with contextlib.suppress(Exception):
                await self.endpoint()
        self._restarts += 1
        self._sentence = "The services beside Lambda ended and were started again: they are empty."
        logger.warning("%s", self._sentence)
        self._call(self._on_restart)

    @staticmethod
    def _call(callbacks: list[Callback]) -> None:
        for callback in callbacks:
            try:
                callback()
            except Exception:
                logger.exception("a callback about the neighbours failed")

    def _time(self) -> Frame:
        return {"now": self._clock.now(), "factor": self._clock.factor}

    def _follow_clock(self) -> None:
        if self._child is not None:
            self._child.order({"clock": self._time()})
