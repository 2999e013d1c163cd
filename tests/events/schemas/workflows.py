"""Step Functions, Lex and Alexa."""

from __future__ import annotations

from typing import Any

SCHEMAS: dict[str, Any] = {
    "stepfunctions": {"order": "int"},
    "lex": {
        "messageVersion": "=1.0",
        "invocationSource": "=FulfillmentCodeHook",
        "invocationLabel": "text?",
        "inputMode": "=Text",
        "responseContentType": "text",
        "sessionId": "text",
        "inputTranscript": "text",
        "bot": dict.fromkeys(("id", "name", "aliasId", "aliasName", "localeId", "version"), "text"),
        "interpretations": "array",
        "proposedNextState?": "object",
        "requestAttributes": "object",
        "sessionState": {
            "sessionAttributes": "object",
            "activeContexts": "array",
            "intent": {
                "name": "text",
                "slots": {
                    "FlowerType": {
                        "shape": "=Scalar",
                        "value": {
                            "originalValue": "text",
                            "interpretedValue": "text",
                            "resolvedValues": "array",
                        },
                    }
                },
                "state": "=ReadyForFulfillment",
                "confirmationState": "=None",
            },
            "originatingRequestId": "uuid",
        },
        "transcriptions": "array",
    },
    "alexa-skill": {
        "version": "=1.0",
        "session": {
            "new": "bool",
            "sessionId": "text",
            "application": {"applicationId": "text"},
            "attributes": "object",
            "user": {"userId": "text"},
        },
        "context": {
            "System": {
                "application": {"applicationId": "text"},
                "user": {"userId": "text"},
                "device": {"deviceId": "text", "supportedInterfaces": "object"},
                "apiEndpoint": "text",
                "apiAccessToken": "text",
            },
            "AudioPlayer": {"playerActivity": "text"},
        },
        "request": {
            "type": "=IntentRequest",
            "requestId": "text",
            "timestamp": "iso",
            "locale": "=en-US",
            "dialogState": "text",
            "intent": {"name": "text", "confirmationStatus": "text", "slots": "object"},
        },
    },
    "alexa-smart-home": {
        "directive": {
            "header": {
                "namespace": "text",
                "name": "text",
                "messageId": "uuid",
                "correlationToken": "text",
                "payloadVersion": "=3",
            },
            "endpoint": {
                "scope": {"type": "=BearerToken", "token": "text"},
                "endpointId": "text",
                "cookie": "object",
            },
            "payload": "object",
        }
    },
}
