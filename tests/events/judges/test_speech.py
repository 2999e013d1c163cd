"""What Lex and Alexa make of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from lambdatui import events
from tests.events.judges.judging import lex, say


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (lex("Close", messages=[{"contentType": "PlainText", "content": "done"}]), True),
        (lex("Delegate"), True),
        (lex("ElicitSlot", slotToElicit="FlowerType"), True),
        (lex("ElicitIntent", intent=None, messages=[{"contentType": "PlainText", "content": "what?"}]), True),
        (lex("ElicitSlot"), False),
        (lex("ElicitIntent", intent=None), False),
        (lex("Close", intent={"name": "OrderFlowers"}), False),
        (lex("Delegate", intent=None), False),
        (lex("Open"), False),
        (lex("Delegate", messages=[{"contentType": "Text", "content": "x"}]), False),
        (lex("Delegate", messages=[{"contentType": "PlainText"}]), False),
        ({"dialogAction": {"type": "Close"}}, False),
        ("hi", False),
    ],
)
def test_lex(answer: Any, ok: bool) -> None:
    assert say("lex", answer).ok is ok


def test_alexa() -> None:
    speech = {"type": "PlainText", "text": "hello"}
    good = {"version": "1.0", "response": {"outputSpeech": speech, "shouldEndSession": True}}
    assert say("alexa-skill", good).detail == {"speech": "hello", "ends": True}
    wrong: list[dict[str, Any]] = [
        {"outputSpeech": {"type": "Text"}},
        {"outputSpeech": {"type": "SSML", "text": "x"}},
        {"directives": {}},
    ]
    for response in wrong:
        assert not say("alexa-skill", {"version": "1.0", "response": response}).ok
    assert not say("alexa-skill", {"response": {}}).ok
    assert not say("alexa-skill", good, took_s=8.5).ok
    ended = events.build("alexa-skill", {"request": "SessionEndedRequest"})
    assert say("alexa-skill", None, event=ended).ok


def test_smart_home() -> None:
    event = events.build("alexa-smart-home")
    token = event["directive"]["header"]["correlationToken"]
    header = {
        "namespace": "Alexa",
        "name": "Response",
        "messageId": "1",
        "payloadVersion": "3",
        "correlationToken": token,
    }
    assert say("alexa-smart-home", {"event": {"header": header, "payload": {}}}, event=event).ok
    for change in ({"payloadVersion": "2"}, {"correlationToken": "x"}, {"messageId": ""}):
        assert not say(
            "alexa-smart-home", {"event": {"header": {**header, **change}, "payload": {}}}, event=event
        ).ok
    assert not say("alexa-smart-home", {"event": {"header": header}}, event=event).ok
