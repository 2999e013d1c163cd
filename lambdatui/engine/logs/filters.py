"""CloudWatch Logs operations on subscription filters."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.context import Context
from lambdatui.engine.logs.operations import group_of, invalid
from lambdatui.engine.logs.paging import text_of, token
from lambdatui.engine.logs.patterns import BadPattern, compile_pattern
from lambdatui.engine.logs.subscriptions import logs_sender
from lambdatui.engine.store import logs, subscriptions
from lambdatui.engine.store.subscriptions import Subscription
from lambdatui.engine.triggers.functions import FunctionName
from lambdatui.engine.wire.errors import ApiError

Request = dict[str, Any]

MOST = 2  # per log group
_MAY_NOT = (
    "Could not execute the lambda function."
    " Make sure you have given CloudWatch Logs permission to execute your function."
)


async def put_subscription_filter(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    name, destination = request["filterName"], request["destinationArn"]
    try:
        compile_pattern(request["filterPattern"])
    except BadPattern as problem:
        raise invalid(f"Invalid filter pattern: {problem}") from None
    _check(ctx, request["logGroupName"], destination, request)
    made = Subscription(
        account=ctx.account,
        region=ctx.region,
        group=request["logGroupName"],
        name=name,
        pattern=request["filterPattern"],
        destination=destination,
        distribution=request.get("distribution", "ByLogStream"),
        created=logs.now_ms(),
    )
    known = {one.name for one in subscriptions.of_group(ctx.store.logs.read(), group)}
    if name not in known and len(known) >= MOST:
        raise ApiError("LimitExceededException", "Resource limit exceeded.", 400)
    await ctx.store.logs.write(lambda conn: subscriptions.put(conn, group, made))
    ctx.engine.subscriptions.changed()
    return {}


async def describe_subscription_filters(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    prefix, after = request.get("filterNamePrefix", ""), text_of(request.get("nextToken"))
    limit = request.get("limit", 50)
    found = [
        one
        for one in subscriptions.of_group(ctx.store.logs.read(), group)
        if one.name.startswith(prefix) and one.name > after
    ]
    shown = [
        {
            "filterName": one.name,
            "logGroupName": one.group,
            "filterPattern": one.pattern,
            "destinationArn": one.destination,
            "distribution": one.distribution,
            "applyOnTransformedLogs": False,
            "creationTime": one.created,
        }
        for one in found[:limit]
    ]
    more = token(found[limit - 1].name) if len(found) > limit else None
    return {"subscriptionFilters": shown, "nextToken": more}


async def delete_subscription_filter(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    gone = await ctx.store.logs.write(lambda conn: subscriptions.delete(conn, group, request["filterName"]))
    if not gone:
        text = "The specified subscription filter does not exist."
        raise ApiError("ResourceNotFoundException", text, 400)
    ctx.engine.subscriptions.changed()
    return {}


def _check(ctx: Context, group: str, destination: str, request: Request) -> None:
    """Whether the destination is a function that may be sent to, and does not feed on itself."""
    parts = destination.split(":")
    vendor = parts[2] if len(parts) > 5 else ""
    if vendor in ("kinesis", "firehose"):
        raise invalid(f"This engine sends log events to functions only, not to {vendor}: {destination}")
    if vendor != "lambda":
        text = f"PutSubscriptionFilter operation cannot work with destinationArn for vendor {vendor}"
        raise invalid(text)
    if "roleArn" in request:
        raise invalid("destinationArn for vendor lambda cannot be used with roleArn")
    function = FunctionName.of(destination)
    functions = ctx.engine.triggers.functions
    sender = logs_sender(ctx.account, ctx.region, group)
    if (
        function is None
        or (function.account, function.region) != (ctx.account, ctx.region)
        or functions.exists(destination) is None
        or not functions.may(function, destination, sender).allowed
    ):
        raise invalid(_MAY_NOT)
    if ctx.engine.subscriptions.feeds(destination, (ctx.account, ctx.region, group)):
        raise invalid(
            f"What {function.name} logs would come back to it: the log group {group} is its own, or is sent"
            " to a function whose log it receives. Subscribe another function, or give it another log group."
        )
