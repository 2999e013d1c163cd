"""CloudFront, on the way in and out."""

from __future__ import annotations

from typing import Any


def edge(kind: str, **more: Any) -> dict[str, Any]:
    config = {
        "distributionDomainName": "text",
        "distributionId": "text",
        "eventType": f"={kind}",
        "requestId": "text",
    }
    request: dict[str, Any] = {
        "clientIp": "text",
        "headers": "object",
        "method": "=GET",
        "querystring": "text",
        "uri": "=/index.html",
        "body?": "object",
    }
    if kind.startswith("origin"):
        request["origin"] = {"custom": "object"}
    return {"Records": [{"cf": {"config": config, "request": request, **more}}]}


EDGE_RESPONSE = {"headers": "object", "status": "=200", "statusDescription": "=OK"}


SCHEMAS: dict[str, Any] = {
    "cloudfront-viewer-request": edge("viewer-request"),
    "cloudfront-origin-request": edge("origin-request"),
    "cloudfront-origin-response": edge("origin-response", response=EDGE_RESPONSE),
    "cloudfront-viewer-response": edge("viewer-response", response=EDGE_RESPONSE),
}
