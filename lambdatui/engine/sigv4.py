"""AWS Signature Version 4, the receiving side: in the Authorization header or in the query string."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, unquote

from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.protocol import Request

ALGORITHM = "AWS4-HMAC-SHA256"
WINDOW = 15 * 60
LONGEST_PRESIGNED = 7 * 24 * 3600
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
UNSIGNED_PAYLOAD_SERVICES = frozenset(("s3",))
"""Everywhere else the body belongs to the signature."""

LONGEST_USUAL = 1024
"""Characters of what is remembered of a header."""

_EMPTY = hashlib.sha256(b"").hexdigest()
_SPACES = re.compile(" +")
_HASH = re.compile("[0-9a-f]{64}")
_INNER, _OUTER = (bytes(number ^ mask for number in range(256)) for mask in (0x36, 0x5C))
_USUAL = re.compile(
    rf"{ALGORITHM} Credential=([^,/]+)/([^,/]+)/([^,/]+)/([^,/]+)/aws4_request, ?SignedHeaders=([^,]+), ?"
)
"""The header as most signers write it, up to the signature; others are read field by field."""
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
    " Access Key and signing method. Consult the service documentation for details."
)
_BAD_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message


@dataclass(slots=True)
class Signature:
    """What a request claims about itself; `verify` checks it."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    token: str | None
    expires: int | None
    """Seconds, of a presigned request; None of one signed in its header."""

    @property
    def scope(self) -> str:
        """What the key is good for."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read(request: Request) -> Signature | None:
    """The signature of a request; None if it has none. Raises ApiError if it is incomplete."""
    header = request.headers.get("authorization")
    if header is not None:
        return _read_header(header, request)
    if "X-Amz-Signature" in request.query or "X-Amz-Algorithm" in request.query:
        return _read_query(request)
    return None


def claimed_service(request: Request) -> str:
    """The service that a request says it is signed for, at a glance; "" if it is not signed."""
    header = request.headers.get("authorization", "")
    end = header.find("/aws4_request")
    if end >= 0:
        return header[header.rfind("/", 0, end) + 1 : end]
    if "X-Amz-Credential=" in request.query:
        scope = unquote(request.query.partition("X-Amz-Credential=")[2].partition("&")[0])
        return scope.removesuffix("/aws4_request").rpartition("/")[2]
    return ""


def verify(
    request: Request,
    signature: Signature,
    secret_for: Callable[[str], str | None],
    now: float | None = None,
    payload: str | None = None,
) -> None:
    """Raises ApiError unless the request was signed as it came, lately, with a key that is known.

    `payload` is the body's hash as the request states it, for whoever checks the body itself later on.
    """
    secret = _secret(signature, secret_for, now)
    inner, outer = _signer(secret, signature.date, signature.region, signature.service)
    start = f"{ALGORITHM}\n{signature.timestamp}\n{signature.scope}\n"
    given = signature.signature.encode("utf-8", "replace")
    if payload is None:
        payload = _payload_hash(request, signature)
    for canonical in _canonical_requests(request, signature, payload):
        digest = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
        text, mac = inner.copy(), outer.copy()
        text.update(f"{start}{digest}".encode("latin-1", "replace"))
        mac.update(text.digest())
        if hmac.compare_digest(mac.hexdigest().encode(), given):
            return
    raise denied("InvalidSignatureException", _MISMATCH)


def verify_head(
    request: Request, signature: Signature, secret_for: Callable[[str], str | None], now: float | None = None
) -> None:
    """The same before the body is there, as far as that goes: whether the signature is right can be told only
    where the body's hash is stated."""
    stated = request.headers.get("x-amz-content-sha256", "")
    if _HASH.fullmatch(stated):
        verify(request, signature, secret_for, now, payload=stated)
    else:
        _secret(signature, secret_for, now)


def _secret(signature: Signature, secret_for: Callable[[str], str | None], now: float | None) -> str:
    """What a request must be signed with; raises ApiError for what is wrong without looking at that."""
    secret = secret_for(signature.access_key)
    if secret is None:
        raise denied("UnrecognizedClientException", _BAD_TOKEN)
    check_date(signature, time.time() if now is None else now)
    if "host" not in signature.signed_headers:
        raise denied("InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization.")
    return secret


def denied(code: str, message: str) -> ApiError:
    return ApiError(code, message, 403, type=None)


def _read_header(header: str, request: Request) -> Signature:
    start, _, signature = header.rpartition("Signature=")
    usual = _read_usual(start) if len(start) <= LONGEST_USUAL else None
    timestamp = request.headers.get("x-amz-date", "")
    token = request.headers.get("x-amz-security-token")
    if usual is not None and timestamp and signature and "," not in signature:
        return Signature(*usual, signature, timestamp, token, None)
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise denied("IncompleteSignatureException", f"Unsupported AWS 'algorithm': {algorithm[:40]!r}.")
    fields: dict[str, str] = {}
    for piece in rest.split(","):
        name, _, value = piece.strip().partition("=")
        fields[name] = value
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not fields.get(name)]
    if missing or not timestamp:
        said = "".join(f"Authorization header requires '{name}' parameter. " for name in missing)
        if not timestamp:
            said += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        raise denied("IncompleteSignatureException", said.strip())
    return _signature(
        fields["Credential"], fields["SignedHeaders"], fields["Signature"], timestamp, token, None
    )


@lru_cache(maxsize=256)
def _read_usual(start: str) -> tuple[str, str, str, str, tuple[str, ...]] | None:
    """What a client says again and again: its key, the date, region and service, and the names of headers."""
    match = _USUAL.fullmatch(start)
    if match is None:
        return None
    key, date, region, service, signed = match.groups()
    return key, date, region, service, _names(signed)


def _read_query(request: Request) -> Signature:
    pairs = (piece.partition("=") for piece in request.query.split("&"))
    fields = {unquote(name): unquote(value) for name, _, value in pairs}
    names = ("Algorithm", "Credential", "SignedHeaders", "Signature", "Date")
    missing = [f"X-Amz-{name}" for name in names if not fields.get(f"X-Amz-{name}")]
    if missing:
        text = f"The request's query string lacks {', '.join(missing)}."
        raise denied("IncompleteSignatureException", text)
    if fields["X-Amz-Algorithm"] != ALGORITHM:
        raise denied("IncompleteSignatureException", "Unsupported AWS 'algorithm'.")
    lifetime = fields.get("X-Amz-Expires", str(WINDOW))
    if not (lifetime.isascii() and lifetime.isdigit() and int(lifetime[:9]) <= LONGEST_PRESIGNED):
        raise denied("IncompleteSignatureException", "X-Amz-Expires must be a number up to 604800.")
    return _signature(
        fields["X-Amz-Credential"],
        fields["X-Amz-SignedHeaders"],
        fields["X-Amz-Signature"],
        fields["X-Amz-Date"],
        fields.get("X-Amz-Security-Token"),
        int(lifetime),
    )


def _signature(
    credential: str, signed: str, signature: str, timestamp: str, token: str | None, expires: int | None
) -> Signature:
    parts = credential.split("/")
    if len(parts) < 5 or parts[-1] != "aws4_request" or not all(parts):
        raise denied(
            "IncompleteSignatureException",
            "Credential must have at least 5 slash-separated elements:"
            " <access key id>/<date>/<region>/<service>/aws4_request.",
        )
    *key, date, region, service, _ = parts
    return Signature(
        "/".join(key), date, region, service, _names(signed), signature, timestamp, token, expires
    )


def _names(signed: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in signed.split(";"))


def behind(signature: Signature, seconds: float) -> Signature:
    """The same as somebody claims it whose clock is slow."""
    timestamp = _basic((_moment(signature.timestamp) or 0.0) - seconds)
    return replace(signature, timestamp=timestamp, date=timestamp[:8])


def check_date(signature: Signature, now: float) -> None:
    """Raises ApiError for a request that was not signed just now."""
    signed = _moment(signature.timestamp)
    if signed is None:
        text = "Date must be in ISO-8601 'basic format', such as 20260131T235959Z."
        raise denied("IncompleteSignatureException", text)
    if not signature.timestamp.startswith(signature.date) or len(signature.date) != 8:
        text = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{signature.date}' != '{signature.timestamp[:8]}', from '{signature.timestamp}'."
        )
        raise denied("InvalidSignatureException", text)
    lifetime = WINDOW if signature.expires is None else signature.expires
    if signed < now - lifetime:
        limit, moment = _basic(now - lifetime), _basic(now)
        text = f"Signature expired: {signature.timestamp} is now earlier than {limit}"
        raise denied("InvalidSignatureException", f"{text} ({moment} - {_minutes(lifetime)})")
    if signed > now + WINDOW:
        limit, moment = _basic(now + WINDOW), _basic(now)
        text = f"Signature not yet current: {signature.timestamp} is still later than {limit}"
        raise denied("InvalidSignatureException", f"{text} ({moment} + 15 min.)")


def _payload_hash(request: Request, signature: Signature) -> str:
    stated = request.headers.get("x-amz-content-sha256")
    open_payload = signature.service in UNSIGNED_PAYLOAD_SERVICES
    if open_payload and (signature.expires is not None or stated == UNSIGNED_PAYLOAD):
        return stated or UNSIGNED_PAYLOAD
    actual = hashlib.sha256(request.body).hexdigest() if request.body else _EMPTY
    if stated is not None and stated != actual:
        raise denied("InvalidSignatureException", _MISMATCH)
    return actual


def _canonical_requests(request: Request, signature: Signature, payload: str) -> Iterator[str]:
    """The canonical forms that clients in use sign, the usual one first.

    The rule is to encode the path once more and to sort the encoded query. Some signers take the path as
    it is sent, or send a query that is not encoded to the letter of the rule and sign the corrected one.
    """
    headers = _canonical_headers(request, signature)
    signed = ";".join(signature.signed_headers)
    if not request.query:
        path = _encoded_path(request.path)
        yield f"{request.method}\n{path}\n\n{headers}\n\n{signed}\n{payload}"
        if path != request.path:
            yield f"{request.method}\n{request.path}\n\n{headers}\n\n{signed}\n{payload}"
        return
    queries = [_sorted_query(request.query, signature)]
    if (corrected := _encoded_query(request.query, signature)) != queries[0]:
        queries.append(corrected)
    paths = [_encoded_path(request.path)]
    if paths[0] != request.path:
        paths.append(request.path)
    for path in paths:
        for query in queries:
            yield f"{request.method}\n{path}\n{query}\n{headers}\n\n{signed}\n{payload}"


def _canonical_headers(request: Request, signature: Signature) -> str:
    headers, names = request.headers, signature.signed_headers
    try:
        values = [headers[name] for name in names]
    except KeyError as missing:
        text = f"The signed header '{missing.args[0][:80]}' is not in the request."
        raise denied("InvalidSignatureException", text) from None
    lines = "\n".join(map(":".join, zip(names, values, strict=True)))
    return _SPACES.sub(" ", lines) if "  " in lines else lines


def _sorted_query(query: str, signature: Signature) -> str:
    if not query:
        return ""
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    return "&".join(f"{name}={value}" for name, value in sorted(_signed_pairs(pairs, signature)))


def _encoded_query(query: str, signature: Signature) -> str:
    if not query:
        return ""
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    encoded = ((_reencode(name), _reencode(value)) for name, value in _signed_pairs(pairs, signature))
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _signed_pairs(pairs: list[tuple[str, str, str]], signature: Signature) -> Iterator[tuple[str, str]]:
    for name, _, value in pairs:
        if signature.expires is None or name != "X-Amz-Signature":
            yield name, value


def _reencode(text: str) -> str:
    return quote(unquote(text, errors="surrogateescape"), safe="-_.~", errors="surrogateescape")


@lru_cache(maxsize=1024)
def _encoded_path(path: str) -> str:
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    trailing = "/" if segments and path.endswith("/") else ""
    return quote(f"/{'/'.join(segments)}{trailing}", safe="/~", encoding="latin-1")


@lru_cache(maxsize=256)
def _signer(secret: str, date: str, region: str, service: str) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two halves of HMAC-SHA256 that have taken in the signing key: copies of them make a signature at a
    third of the cost of beginning with the key."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    block = key.ljust(64, b"\0")
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))


@lru_cache(maxsize=64)
def _moment(timestamp: str) -> float | None:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _basic(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min." if seconds >= 60 else f"{seconds} s"
