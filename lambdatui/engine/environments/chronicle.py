"""What an environment tells of its life: lines in its log, and events for who subscribed to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lambdatui.engine.environments.invocation import InvokeRequest
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.environments.transcript import Transcript
from lambdatui.engine.logs import records
from lambdatui.engine.logs.records import Init, Measures
from lambdatui.engine.logs.report import JsonReport, Report, TextReport, event, stream_name
from lambdatui.engine.telemetry import Telemetry

if TYPE_CHECKING:
    from lambdatui.engine.environments.site import Site


class Chronicle:
    """Says everything once, to the log and to the subscribers of the moment."""

    def __init__(self, site: Site, spec: RunSpec, environment_id: str, made_at: float, kind: str) -> None:
        shared = spec.log_group != f"/aws/lambda/{spec.name}"
        stream = stream_name(made_at, spec.version, environment_id, spec.name if shared else "")
        self.log = Transcript(site.lines, spec, stream)
        self.telemetry: Telemetry | None = None
        """None where nobody can subscribe and nobody has."""
        self._spec = spec
        self._environment_id = environment_id
        self._kind = kind
        self._report: Report = JsonReport(spec.system_log_level) if spec.log_json else TextReport()
        self._began = 0.0
        self._init = Init(kind)
        self._announced: InvokeRequest | None = None
        self._lingered = site.lingered
        self._accompanied = False  # there are extensions
        self._took_ms = 0.0

    # -- INIT ------------------------------------------------------------------------------------

    def init_started(self, phase: str) -> None:
        """A new generation of processes; whoever is among them may subscribe."""
        self._began = time.perf_counter()
        self._accompanied = False
        self._init = Init(self._kind, phase)
        self.telemetry = Telemetry(self._spec.log_json)
        self.log.hearer = self.telemetry.line
        spec = self._spec
        self.log.write(self._report.init_start(self._init, spec.region, spec.runtime))
        more = {
            "functionName": spec.name,
            "functionVersion": spec.version,
            "instanceId": self._environment_id,
            "instanceMaxMemory": spec.memory_mb << 20,
        }
        self._tell("platform.initStart", records.init_start(self._init, spec.region, spec.runtime, **more))

    def init_runtime_done(self, status: str, error_type: str | None = None) -> None:
        self.log.write(self._report.init_runtime_done(self._init, status, error_type))
        self._tell("platform.initRuntimeDone", records.init_runtime_done(self._init, status, error_type))

    def init_reported(self, status: str, error_type: str | None = None) -> float:
        """INIT is over; how many milliseconds it took."""
        took = (time.perf_counter() - self._began) * 1000
        self.log.write(self._report.init_report(self._init, took, status, error_type))
        self._tell("platform.initReport", records.init_report(self._init, took, status, error_type))
        return took

    def subscriptions_closed(self) -> None:
        """After INIT nobody can subscribe any more: who is not heard costs nothing."""
        if self.telemetry is not None and not self.telemetry.close():
            self.telemetry = None
            self.log.hearer = None

    def generation_over(self) -> None:
        """The processes are gone, and with them who listened."""
        if self.telemetry is not None:
            self.telemetry.end()
            self.telemetry = None
            self.log.hearer = None

    def extension(self, name: str, state: str, events: Sequence[str], error_type: str | None) -> None:
        self._accompanied = True
        self.log.write(self._report.extension(name, state, events, error_type))
        self._tell("platform.extension", records.extension(name, state, events, error_type))

    def subscribed(self, what: str, name: str, types: Sequence[str]) -> None:
        """`what` is telemetry or logs."""
        self.log.write(self._report.subscription(what, name, types))
        self._tell(f"platform.{what}Subscription", records.subscription(name, types))

    # -- INVOKE ----------------------------------------------------------------------------------

    def started(self, invocation: InvokeRequest) -> None:
        version = self._spec.version
        self._announced = invocation
        self.log.write(self._report.start(invocation.request_id, version))
        if self.telemetry is not None:
            record = records.start(invocation.request_id, version)
            self._tell("platform.start", record | {"tracing": records.tracing(invocation.trace_id)})

    def runtime_done(
        self, invocation: InvokeRequest, status: str, error_type: str | None, took_ms: float, produced: int
    ) -> None:
        if self._announced is not invocation:  # it was over before it could begin
            self.started(invocation)
        self._took_ms = took_ms
        values = (invocation.request_id, status, error_type, took_ms, produced)
        if line := self._report.runtime_done(*values):
            self.log.write(line)
        if self.telemetry is not None:
            record = records.runtime_done(*values)
            self._tell("platform.runtimeDone", record | {"tracing": records.tracing(invocation.trace_id)})

    def reported(self, invocation: InvokeRequest, measures: Measures) -> None:
        """The invocation is over, with everything that belongs to it."""
        self._announced = None
        report, request_id = self._report, invocation.request_id
        self.log.write(report.end(request_id), report.report(request_id, measures))
        if self.telemetry is not None:
            self.telemetry.older("platform.end", {"requestId": invocation.request_id})
            record = records.report(invocation.request_id, measures)
            self._tell("platform.report", record | {"tracing": records.tracing(invocation.trace_id)})
        if self._accompanied:
            self._lingered(self._spec, invocation, max(0.0, measures.duration_ms - self._took_ms))

    def _tell(self, kind: str, record: dict[str, Any]) -> None:
        if self.telemetry is not None:
            self.telemetry.put("platform", event(kind, record))
