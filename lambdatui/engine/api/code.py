"""A function's code: replace it. Where packages come from is said in ``packages``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import packages, publishing, states
from lambdatui.engine.api.account_settings import charge
from lambdatui.engine.api.configuration import changeable, render, updatable, with_layers
from lambdatui.engine.api.names import require_latest
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import LATEST, VersionRecord
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]


async def update_function_code(ctx: Context, request: Request) -> Request:
    wanted = updatable(ctx, request["FunctionName"])
    publishing.refuse_target(request)
    before = require_latest(ctx.store.read(), wanted)
    _check_package_type(before, request)
    package = await packages.keep(ctx, request)
    arns = [layer["Arn"] for layer in before.config.get("Layers", ())]
    await packages.check_together(ctx, package.sha256, arns)

    def change(conn: Connection) -> tuple[VersionRecord, VersionRecord]:
        present = changeable(conn, wanted, request)
        architectures = request.get("Architectures") or present.config["Architectures"]
        updated = replace(
            present,
            config=packages.with_image({**present.config, "Architectures": architectures}, package),
            code_sha256=package.sha256,
            code_size=package.size,
        )
        if request.get("DryRun"):
            return present, updated
        charge(ctx, conn, updated, updated.code_size - present.code_size)
        updated = replace(states.updating(with_layers(conn, updated, {})), modified=now_text(ctx))
        versions.put(conn, updated)
        if not request.get("Publish"):
            return updated, updated
        published = publishing.publish(ctx, conn, updated)
        if published.is_new:
            versions.put(conn, states.created(published.version))
        return updated, states.created(published.version) if published.is_new else published.version

    latest, shown = await ctx.store.write(change)
    if request.get("DryRun"):
        return render(shown)
    for record in {latest.version: latest, shown.version: shown}.values():
        states.settle_later(ctx.engine, record)
    ctx.engine.dispatch.forget(*wanted.key)
    return render(shown, None if shown.version == LATEST else shown.version)


def _check_package_type(present: VersionRecord, request: Request) -> None:
    if present.package == "Zip" and request.get("ImageUri"):
        raise invalid_parameter(
            "Please don't provide ImageUri when updating a function with packageType Zip."
        )
    if present.package == "Image" and not request.get("ImageUri"):
        raise invalid_parameter("Please provide ImageUri when updating a function with packageType Image.")
