"""CloudFront: is what a Lambda@Edge function returned a request or a response that may pass?"""

from __future__ import annotations

from typing import Any

from lambdatui.events.judges.case import Case, Judge, Rejected, Verdict, as_status, is_base64, need, one_of

_FORBIDDEN = {
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
}
_FORBIDDEN_STARTS = ("x-accel-", "x-amz-cf-", "x-amzn-", "x-edge-")


def _headers(value: Any) -> None:
    need(value is None or isinstance(value, dict), "headers is no object")
    for name, items in (value or {}).items():
        need(name == name.lower(), f"the header {name} is not in lower case")
        blocked = name in _FORBIDDEN or name.startswith(_FORBIDDEN_STARTS)
        need(not blocked, f"a function may not set the header {name}")
        need(isinstance(items, list), f"headers.{name} is no array of {{key, value}}")
        for item in items:
            need(
                isinstance(item, dict) and isinstance(item.get("value"), str), f"headers.{name} has no value"
            )
            need(
                str(item.get("key", name)).lower() == name, f"headers.{name} has the key {item.get('key')!r}"
            )


def _original(case: Case, part: str) -> dict[str, Any]:
    """The request or response that went into the function, when it is known."""
    records = (case.event or {}).get("Records") or [{}]
    found: dict[str, Any] = records[0].get("cf", {}).get(part, {})
    return found


def _generated(answer: dict[str, Any]) -> Verdict:
    status = _status(answer)
    _headers(answer.get("headers"))
    need(isinstance(answer.get("body", ""), str), "body is no text")
    one_of(answer.get("bodyEncoding", "text"), "bodyEncoding", ("text", "base64"))
    if answer.get("bodyEncoding") == "base64":
        need(is_base64(answer.get("body", "")), "bodyEncoding is base64, but the body is none")
    return Verdict(True, f"CloudFront answers {status} itself, without asking further", {"status": status})


def _status(answer: dict[str, Any]) -> int:
    status = as_status(answer.get("status"), lowest=200)
    if status is None:
        raise Rejected(f"status is {answer.get('status')!r}, not 200 to 599")
    return status


def _request(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is neither a request nor a response")
    if "status" in answer:
        return _generated(answer)
    need(isinstance(answer.get("uri"), str) and answer["uri"].startswith("/"), "uri does not begin with /")
    need(isinstance(answer.get("querystring", ""), str), "querystring is no text")
    original = _original(case, "request")
    for name in ("method", "clientIp"):
        need(name not in original or answer.get(name) == original[name], f"{name} may not be changed")
    given = original.get("headers", {})
    _headers(
        {name: items for name, items in _mapping(answer.get("headers")).items() if given.get(name) != items}
    )
    body = answer.get("body")
    if isinstance(body, dict) and body.get("action") == "replace":
        one_of(body.get("encoding"), "body.encoding", ("text", "base64"))
        need(body["encoding"] == "text" or is_base64(body.get("data")), "body.data is no base64")
    return Verdict(True, f"CloudFront goes on with {answer['uri']}", {"uri": answer["uri"]})


def _mapping(value: Any) -> dict[str, Any]:
    need(value is None or isinstance(value, dict), "headers is no object")
    return dict(value or {})


def _response(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no response")
    status = _status(answer)
    original = _original(case, "response")
    if case.sample.id == "cloudfront-viewer-response" and original:
        same = status == as_status(original["status"])
        need(same, "a viewer-response function may not change the status")
    given = original.get("headers", {})
    _headers(
        {name: items for name, items in _mapping(answer.get("headers")).items() if given.get(name) != items}
    )
    return Verdict(
        True, f"CloudFront hands on the response {answer['status']}", {"status": int(answer["status"])}
    )


def _refuse(case: Case, why: str) -> Verdict:
    """Failing functions are 503, wrong answers 502."""
    if case.failure:
        return Verdict(False, f"CloudFront answers 503 (LambdaExecutionError): {why}", {"status": 503})
    return Verdict(False, f"CloudFront answers 502 (LambdaValidationError): {why}", {"status": 502})


JUDGES = {"edge_request": Judge(_request, _refuse), "edge_response": Judge(_response, _refuse)}
