"""What CloudFront makes of an answer."""

from __future__ import annotations

from lambdatui import events
from tests.events.judges.judging import FAILED, say


def test_edge_requests() -> None:
    event = events.build("cloudfront-viewer-request")
    request = event["Records"][0]["cf"]["request"]
    assert say("cloudfront-viewer-request", request, event=event).ok
    assert say("cloudfront-viewer-request", {**request, "uri": "/x"}, event=event).detail["uri"] == "/x"
    response = {"status": "302", "headers": {"location": [{"key": "Location", "value": "/"}]}}
    assert say("cloudfront-viewer-request", response, event=event).detail["status"] == 302
    wrong = [
        None,
        {**request, "uri": "x"},
        {**request, "method": "PUT"},
        {**request, "headers": {"X-A": [{"value": "b"}]}},
        {**request, "headers": {"x-edge-a": [{"value": "b"}]}},
        {**request, "headers": {"x-a": "b"}},
        {"status": "99"},
        {"status": 200, "body": "!", "bodyEncoding": "base64"},
    ]
    for answer in wrong:
        assert say("cloudfront-viewer-request", answer, event=event).detail["status"] == 502, answer
    assert say("cloudfront-viewer-request", FAILED, error="Unhandled").detail["status"] == 503
    assert say("cloudfront-viewer-request", {"status": 200, "body": "x" * 40_960}).detail["status"] == 503


def test_edge_responses() -> None:
    event = events.build("cloudfront-viewer-response")
    response = event["Records"][0]["cf"]["response"]
    assert say("cloudfront-viewer-response", response, event=event).ok
    assert not say("cloudfront-viewer-response", {**response, "status": "404"}, event=event).ok
    origin = events.build("cloudfront-origin-response")
    assert (
        say("cloudfront-origin-response", {**response, "status": "404"}, event=origin).detail["status"] == 404
    )
    assert not say("cloudfront-origin-response", origin["Records"][0]["cf"]["request"], event=origin).ok
