"""CloudWatch Logs operations that Lambda's users lean on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdatui.engine.context import Context
from lambdatui.engine.logs.paging import offset_of, text_of, token
from lambdatui.engine.logs.patterns import BadPattern, compile_pattern
from lambdatui.engine.store import logs
from lambdatui.engine.store.logs import EventRow
from lambdatui.engine.wire.errors import ApiError, validation_text

Request = dict[str, Any]
Cursor = tuple[int, int]

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days, of which AWS lets one choose."""
PAGE_EVENTS = 10_000
PAGE_BYTES = 1 << 20
EVENT_OVERHEAD = 26  # what CloudWatch adds to each event's size
SCANNED_AT_ONCE = 200_000  # events that one FilterLogEvents looks at before it answers with a token
OLDEST_MS = 14 * 86_400_000
AHEAD_MS = 2 * 3_600_000
_SEQUENCE = "49039859628466671012345678901234567890123456789012345678"  # ignored by AWS since 2023


# -- groups ------------------------------------------------------------------------------------------


async def describe_log_groups(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    limit = request.get("limit", 50)
    prefix = request.get("logGroupNamePrefix", "")
    containing = request.get("logGroupNamePattern", "")
    if prefix and containing:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    after = text_of(request.get("nextToken"))
    found = logs.groups(
        ctx.store.logs.read(),
        ctx.account,
        ctx.region,
        prefix=prefix,
        containing=containing,
        after=after,
        limit=limit + 1,
    )
    shown = [
        {
            "logGroupName": group.name,
            "creationTime": group.created,
            "retentionInDays": group.retention,
            "metricFilterCount": 0,
            "arn": f"{_group_arn(ctx, group.name)}:*",
            "storedBytes": group.bytes,
            "logGroupClass": "STANDARD",
            "logGroupArn": _group_arn(ctx, group.name),
        }
        for group in found[:limit]
    ]
    return {"logGroups": shown, "nextToken": token(found[limit - 1].name) if len(found) > limit else None}


async def create_log_group(ctx: Context, request: Request) -> Request:
    name = request["logGroupName"]
    await ctx.engine.sink.flush()
    if logs.group_id(ctx.store.logs.read(), ctx.account, ctx.region, name) is not None:
        raise ApiError("ResourceAlreadyExistsException", "The specified log group already exists", 400)
    await ctx.store.logs.write(
        lambda conn: logs.ensure_group(conn, ctx.account, ctx.region, name, logs.now_ms())
    )
    return {}


async def delete_log_group(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    await ctx.store.logs.write(lambda conn: logs.delete_group(conn, group))
    ctx.engine.subscriptions.changed()
    return {}


async def put_retention_policy(ctx: Context, request: Request) -> Request:
    days = request["retentionInDays"]
    if days not in RETENTIONS:
        text = f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum"
        raise invalid(validation_text([f"{text} value set: [{', '.join(map(str, RETENTIONS))}]"]))
    return await _retain(ctx, request, days)


async def delete_retention_policy(ctx: Context, request: Request) -> Request:
    return await _retain(ctx, request, None)


async def _retain(ctx: Context, request: Request, days: int | None) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    await ctx.store.logs.write(lambda conn: logs.set_retention(conn, group, days))
    await ctx.engine.log_expiry.sweep()
    return {}


# -- streams -----------------------------------------------------------------------------------------


async def describe_log_streams(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    by_time = request.get("orderBy") == "LastEventTime"
    prefix = request.get("logStreamNamePrefix", "")
    if by_time and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    limit = request.get("limit", 50)
    offset = offset_of(request.get("nextToken"))
    found = logs.streams(
        ctx.store.logs.read(),
        group,
        prefix=prefix,
        by_time=by_time,
        descending=request.get("descending", False),
        offset=offset,
        limit=limit + 1,
    )
    arn = _group_arn(ctx, _group_name(request))
    shown = [
        {
            "logStreamName": stream.name,
            "creationTime": stream.created,
            "firstEventTimestamp": stream.first,
            "lastEventTimestamp": stream.last,
            "lastIngestionTime": stream.ingested,
            "uploadSequenceToken": _SEQUENCE,
            "arn": f"{arn}:log-stream:{stream.name}",
            "storedBytes": 0,  # as AWS has answered since 2019
        }
        for stream in found[:limit]
    ]
    return {"logStreams": shown, "nextToken": token(str(offset + limit)) if len(found) > limit else None}


async def create_log_stream(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group, name = group_of(ctx, request), request["logStreamName"]
    if logs.stream_id(ctx.store.logs.read(), group, name) is not None:
        raise ApiError("ResourceAlreadyExistsException", "The specified log stream already exists", 400)
    await ctx.store.logs.write(lambda conn: logs.ensure_stream(conn, group, name, logs.now_ms()))
    return {}


async def delete_log_stream(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    stream = _stream(ctx, group_of(ctx, request), request["logStreamName"])
    await ctx.store.logs.write(lambda conn: logs.delete_stream(conn, stream))
    return {}


# -- events ------------------------------------------------------------------------------------------


async def put_log_events(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    name, stream = request["logGroupName"], request["logStreamName"]
    _stream(ctx, group_of(ctx, request), stream)
    events = request["logEvents"]
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    now = logs.now_ms()
    old = sum(time < now - OLDEST_MS for time in times)
    new = next((index for index, time in enumerate(times) if time > now + AHEAD_MS), None)
    lines = [
        (ctx.account, ctx.region, name, stream, event["timestamp"], event["message"])
        for event in events[old:new]
    ]
    await ctx.store.logs.write(lambda conn: logs.append(conn, lines), sum(len(line[5]) for line in lines))
    ctx.engine.sink.follow(lines)
    rejected: Request = {}
    if old:
        rejected["tooOldLogEventEndIndex"] = old
    if new is not None:
        rejected["tooNewLogEventStartIndex"] = new
    return {"nextSequenceToken": _SEQUENCE, "rejectedLogEventsInfo": rejected or None}


async def get_log_events(ctx: Context, request: Request) -> Request:
    """A page of one stream. Its tokens are places in the stream; at either end they stay the same."""
    await ctx.engine.sink.flush()
    stream = _stream(ctx, group_of(ctx, request), request["logStreamName"])
    token = request.get("nextToken")
    direction, cursor = _place(token) if token else ("", None)
    forward = direction == "f" or (not direction and request.get("startFromHead", False))
    found = await ctx.store.logs.scan(
        lambda conn: logs.stream_events(
            conn,
            stream,
            start=request.get("startTime"),
            end=request.get("endTime"),
            after=cursor if direction == "f" else None,
            before=cursor if direction == "b" else None,
            newest_first=not forward,
            limit=request.get("limit", PAGE_EVENTS),
        )
    )
    page = _first_page(found)
    if not forward:
        page.reverse()
    start = request.get("startTime") or 0
    head, tail = (
        ((page[0].at, page[0].id), (page[-1].at, page[-1].id)) if page else 2 * (cursor or (start, 0),)
    )
    return {
        "events": [
            {"timestamp": event.at, "message": event.message, "ingestionTime": event.ingested}
            for event in page
        ],
        "nextForwardToken": _place_token("f", tail),
        "nextBackwardToken": _place_token("b", head),
    }


async def filter_log_events(ctx: Context, request: Request) -> Request:
    await ctx.engine.sink.flush()
    group = group_of(ctx, request)
    wanted = _filter(ctx, group, request)
    limit = request.get("limit", PAGE_EVENTS)
    token = request.get("nextToken")
    after = _place(token)[1] if token else None

    def search(conn: Any) -> tuple[list[EventRow], Cursor | None]:
        found: list[EventRow] = []
        size = 0
        rows = logs.group_events(
            conn, group, start=request.get("startTime"), end=request.get("endTime"), after=after
        )
        for looked, row in enumerate(rows, 1):
            if wanted(row):
                found.append(row)
                size += len(row.message) + EVENT_OVERHEAD
            if len(found) >= limit or size >= PAGE_BYTES or looked >= SCANNED_AT_ONCE:
                return found, (row.at, row.id)
        return found, None

    found, rest = await ctx.store.logs.scan(search)
    return {
        "events": [
            {
                "logStreamName": event.stream,
                "timestamp": event.at,
                "message": event.message,
                "ingestionTime": event.ingested,
                "eventId": f"{event.at:020d}{event.id:036d}",
            }
            for event in found
        ],
        "searchedLogStreams": [],
        "nextToken": _place_token("f", rest) if rest else None,
    }


# -- parts -------------------------------------------------------------------------------------------


def invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message, 400)


def _group_name(request: Request) -> str:
    """By name, or by ARN with or without the `:*` that some answers have."""
    given: str = request.get("logGroupName") or request.get("logGroupIdentifier") or ""
    if not given:
        raise invalid("Either logGroupName or logGroupIdentifier must be given.")
    if given.startswith("arn:"):
        given = given.partition(":log-group:")[2].removesuffix(":*")
    return given


def group_of(ctx: Context, request: Request) -> int:
    found = logs.group_id(ctx.store.logs.read(), ctx.account, ctx.region, _group_name(request))
    if found is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.", 400)
    return found


def _stream(ctx: Context, group: int, name: str) -> int:
    found = logs.stream_id(ctx.store.logs.read(), group, name)
    if found is None:
        raise ApiError("ResourceNotFoundException", "The specified log stream does not exist.", 400)
    return found


def _group_arn(ctx: Context, name: str) -> str:
    return f"arn:aws:logs:{ctx.region}:{ctx.account}:log-group:{name}"


def _filter(ctx: Context, group: int, request: Request) -> Callable[[EventRow], bool]:
    """Whether an event is of the streams that were named, and matches the pattern."""
    names = set(request.get("logStreamNames", ()))
    prefix = request.get("logStreamNamePrefix", "")
    if names and prefix:
        raise invalid("LogStreamNamePrefix and LogStreamNames are mutually exclusive.")
    for name in names:
        _stream(ctx, group, name)
    try:
        matches = compile_pattern(request.get("filterPattern", ""))
    except BadPattern as problem:
        raise invalid(f"Invalid filter pattern: {problem}") from None

    def wanted(row: EventRow) -> bool:
        named = (not names or row.stream in names) and row.stream.startswith(prefix)
        return named and matches(row.message)

    return wanted


def _first_page(events: list[EventRow]) -> list[EventRow]:
    """As many as fit a page; the first one always does."""
    size = 0
    for count, event in enumerate(events):
        size += len(event.message) + EVENT_OVERHEAD
        if size > PAGE_BYTES and count:
            return events[:count]
    return events


def _place_token(direction: str, place: Cursor) -> str:
    return f"{direction}/{place[0]:020d}{place[1]:036d}/s"


def _place(token: str) -> tuple[str, Cursor]:
    direction, _, digits = token.removesuffix("/s").partition("/")
    if direction not in ("f", "b") or len(digits) != 56 or not (digits.isascii() and digits.isdigit()):
        raise invalid("The specified nextToken is invalid.")
    return direction, (int(digits[:20]), int(digits[20:]))
