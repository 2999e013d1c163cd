"""Lex and Alexa: can they say what the function answered?"""

from __future__ import annotations

from typing import Any

from lambdatui.events.judges.case import Case, Judge, Verdict, need, object_at, one_of

_ACTIONS = ("Close", "ConfirmIntent", "Delegate", "ElicitIntent", "ElicitSlot")
_CONTENT = ("CustomPayload", "ImageResponseCard", "PlainText", "SSML")


def _lex(case: Case) -> Verdict:
    answer = object_at(case.value, "")
    state = object_at(answer, "sessionState")
    action = object_at(answer, "sessionState.dialogAction")
    kind = action.get("type")
    one_of(kind, "sessionState.dialogAction.type", _ACTIONS)
    intent = state.get("intent")
    if kind != "ElicitIntent":
        need(isinstance(intent, dict) and intent.get("name"), f"{kind} needs sessionState.intent with a name")
    if kind == "ElicitSlot":
        need(isinstance(action.get("slotToElicit"), str), "ElicitSlot needs dialogAction.slotToElicit")
    if kind == "Close":
        assert isinstance(intent, dict)
        one_of(intent.get("state"), "sessionState.intent.state", ("Failed", "Fulfilled"))
    messages = answer.get("messages")
    need(messages is None or isinstance(messages, list), "messages is no array")
    need(kind != "ElicitIntent" or messages, "ElicitIntent needs messages")
    for message in messages or []:
        _lex_message(message)
    return Verdict(True, f"Lex goes on with {kind}", {"action": kind, "messages": messages or []})


def _lex_message(message: Any) -> None:
    need(isinstance(message, dict), "a message is no object")
    one_of(message.get("contentType"), "contentType", _CONTENT)
    if message["contentType"] == "ImageResponseCard":
        need(
            isinstance(message.get("imageResponseCard"), dict),
            "an ImageResponseCard has no imageResponseCard",
        )
    else:
        need(isinstance(message.get("content"), str), "a message has no content")


def _lex_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(
        False, f"Lex fails with DependencyFailedException: {why}", {"code": "DependencyFailedException"}
    )


def _alexa(case: Case) -> Verdict:
    kind = case.event.get("request", {}).get("type") if isinstance(case.event, dict) else None
    if kind == "SessionEndedRequest":
        return Verdict(True, "the session is over; Alexa ignores the answer")
    answer = object_at(case.value, "")
    need(isinstance(answer.get("version"), str), "version is missing")
    attributes = answer.get("sessionAttributes")
    need(attributes is None or isinstance(attributes, dict), "sessionAttributes is no object")
    response = object_at(answer, "response")
    said = _speech(response.get("outputSpeech"), "response.outputSpeech")
    reprompt = response.get("reprompt")
    need(reprompt is None or isinstance(reprompt, dict), "response.reprompt is no object")
    _speech((reprompt or {}).get("outputSpeech"), "response.reprompt.outputSpeech")
    directives, end = response.get("directives"), response.get("shouldEndSession")
    need(directives is None or isinstance(directives, list), "response.directives is no array")
    need(end is None or isinstance(end, bool), "response.shouldEndSession is neither true nor false")
    sentence = f"Alexa says {said!r}" if said else "Alexa says nothing"
    return Verdict(
        True, f"{sentence} and {'ends' if end else 'keeps'} the session", {"speech": said, "ends": end}
    )


def _speech(speech: Any, path: str) -> str:
    if speech is None:
        return ""
    need(isinstance(speech, dict), f"{path} is no object")
    one_of(speech.get("type"), f"{path}.type", ("PlainText", "SSML"))
    text = speech.get("text" if speech["type"] == "PlainText" else "ssml")
    need(isinstance(text, str), f"{path} has no {'text' if speech['type'] == 'PlainText' else 'ssml'}")
    need(len(str(text)) <= 8000, f"{path} is longer than 8,000 characters")
    return str(text)


def _alexa_refuses(_case: Case, why: str) -> Verdict:
    sentence = f"Alexa says there was a problem with the skill's response, and ends the session: {why}"
    return Verdict(False, sentence, {"request": "SessionEndedRequest", "reason": "ERROR"})


def _smart_home(case: Case) -> Verdict:
    answer = object_at(case.value, "")
    header = object_at(answer, "event.header")
    for name in ("namespace", "name", "messageId", "payloadVersion"):
        need(isinstance(header.get(name), str) and header[name], f"event.header.{name} is missing")
    need(header["payloadVersion"] == "3", "event.header.payloadVersion is not 3")
    object_at(answer, "event.payload")
    asked = case.event.get("directive", {}).get("header", {}) if isinstance(case.event, dict) else {}
    token = asked.get("correlationToken")
    answers_it = header["name"] in ("Response", "StateReport")
    same = not token or header.get("correlationToken") == token
    need(not answers_it or same, "event.header.correlationToken is not the one of the directive")
    return Verdict(True, f"Alexa takes {header['namespace']}.{header['name']}", {"name": header["name"]})


def _smart_home_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(False, f"Alexa says that the device is not responding: {why}")


JUDGES = {
    "lex": Judge(_lex, _lex_refuses),
    "alexa": Judge(_alexa, _alexa_refuses),
    "smart_home": Judge(_smart_home, _smart_home_refuses),
}
