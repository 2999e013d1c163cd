"""From what the user asked for to a target that answered."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from lambdatui import paths
from lambdatui.address import DEFAULT_REGION
from lambdatui.model import Capability, Target, TargetKind
from lambdatui.model.rules import rule_for
from lambdatui.service import last
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Access, Connection, prepare
from lambdatui.service.engine import EngineControl
from lambdatui.service.errors import Denied, NotFound, Unsupported
from lambdatui.service.facade import Service
from lambdatui.service.history import History
from lambdatui.service.local import LocalEngine
from lambdatui.service.spec import TargetSpec
from lambdatui.service.together import together

_WELCOMED = ".samples"  # in a data folder whose samples were added once: removing them is respected


async def open_target(
    spec: TargetSpec,
    *,
    progress: Callable[[str], None] = lambda step: None,
    interactive: bool = True,
) -> Service:
    """Attach to or start the engine, or resolve credentials; find out who we are.

    When a person is to look at it (``interactive``), an empty local engine gets the sample functions,
    once, and the target is where the next dashboard opens by itself.
    """
    if spec.kind is TargetKind.LOCAL:
        service = await _open_local(spec, progress, with_samples=interactive)
    else:
        service = await _open_aws(spec, progress)
    if interactive and not spec.demo:
        last.save(spec)
    return service


async def _open_local(spec: TargetSpec, progress: Callable[[str], None], *, with_samples: bool) -> Service:
    region = spec.region or DEFAULT_REGION
    opening = LocalEngine.open(spec.data_dir, region, demo=spec.demo, progress=progress)
    process, _ = await asyncio.gather(opening, prepare())
    connection = Connection(process.access, where="the local engine", read_only=spec.read_only)
    control = EngineControl(connection, region=region)
    try:
        control.keep_alive()
        progress("connecting")
        account, identity = await _identity(connection)
        target = Target(
            kind=TargetKind.LOCAL,
            region=region,
            account=account,
            identity=identity,
            endpoint=process.access().endpoint,
            read_only=spec.read_only,
            capabilities=frozenset(Capability),
        )
        folder = process.folder / "history" if spec.demo else _history_folder(str(process.folder), region)
        service = Service(spec, target, connection, history=History(folder), engine=control, process=process)
        if (with_samples or spec.demo) and not spec.read_only:
            await _welcome(service, process.folder, progress)
        if spec.demo and not spec.read_only:
            progress("making some traffic")
            await _make_traffic(service)
    except BaseException:
        await control.close()
        await connection.close()
        await process.close()
        raise
    return service


async def _open_aws(spec: TargetSpec, progress: Callable[[str], None]) -> Service:
    wanted = Access(
        region=spec.region or os.environ.get("AWS_REGION"), profile=spec.profile, endpoint=spec.endpoint
    )
    where = f"AWS ({spec.profile})" if spec.profile else "AWS"
    if spec.endpoint:
        where = f"the endpoint {spec.endpoint}"
    connection = Connection(lambda: wanted, where=where, read_only=spec.read_only)
    try:
        progress("loading the AWS client")
        client = await connection.client("lambda")
        region, endpoint = client.meta.region_name, client.meta.endpoint_url
        connection.where = f"{where} in {region}"
        progress("asking who we are")
        account, identity = await _identity(connection, lenient=not _is_aws(endpoint))
        profile = spec.profile or os.environ.get("AWS_PROFILE")
        rule = rule_for(spec.rules, profile, account)
        connection.read_only = spec.read_only or rule.read_only
        target = Target(
            kind=TargetKind.AWS,
            region=region,
            account=account,
            identity=identity,
            profile=profile,
            endpoint=None if _is_aws(endpoint) else endpoint,
            read_only=connection.read_only,
            expires=await connection.expiry(),
            rule=rule,
        )
    except BaseException:
        await connection.close()
        raise
    folder = _history_folder(target.endpoint or "aws", account, region)
    return Service(spec, target, connection, history=History(folder))


async def _identity(connection: Connection, *, lenient: bool = False) -> tuple[str, str]:
    """Account and ARN of the caller; an endpoint that is not AWS may not know STS."""
    try:
        raw = await connection.call("sts", "get_caller_identity")
    except (Unsupported, NotFound, Denied):
        if not lenient:
            raise
        return "", ""
    return clean_line(raw["Account"]), clean_line(raw["Arn"])


async def _welcome(service: Service, folder: Path, progress: Callable[[str], None]) -> None:
    mark = folder / _WELCOMED
    if mark.exists():
        return
    async for page in service.functions.pages():
        if page:
            break
    else:
        progress("adding sample functions")
        await service.functions.add_samples()
    mark.touch(mode=0o600)


async def _make_traffic(service: Service) -> None:
    """Really invoke the sample functions a few times, so that there is something to see."""
    from lambdatui.service import samples

    ready = await asyncio.to_thread(samples.load)

    async def run(sample: samples.SampleFunction) -> None:
        await service.functions.settled(sample.name)
        for payload in sample.history:
            await service.invoker.invoke(sample.name, payload)

    await together(map(run, ready))


def _is_aws(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def _history_folder(*whose: str) -> Path:
    """One folder per target, so that accounts never mix."""
    digest = hashlib.sha256("\n".join(whose).encode()).hexdigest()[:16]
    return paths.state_dir() / "history" / digest
