"""What asks by HTTP: load balancers, API Gateway, AppSync, function URLs."""

from __future__ import annotations

from typing import Any

REST_CONTEXT = {
    "resourceId": "text",
    "resourcePath": "text",
    "httpMethod": "text",
    "extendedRequestId": "text",
    "requestTime": "clf",
    "path": "text",
    "accountId": "digits",
    "protocol": "=HTTP/1.1",
    "stage": "text",
    "domainPrefix": "text",
    "requestTimeEpoch": "int",
    "requestId": "uuid",
    "identity": "object",
    "domainName": "text",
    "deploymentId": "text",
    "apiId": "text",
    "authorizer?": "object",
}


HTTP_CONTEXT = {
    "accountId": "text",
    "apiId": "text",
    "domainName": "text",
    "domainPrefix": "text",
    "http": {
        "method": "=GET",
        "path": "text",
        "protocol": "=HTTP/1.1",
        "sourceIp": "text",
        "userAgent": "text",
    },
    "requestId": "text",
    "routeKey": "text",
    "stage": "text",
    "time": "clf",
    "timeEpoch": "int",
    "authorizer?": "object",
}


PAYLOAD_2 = {
    "version": "=2.0",
    "routeKey": "text",
    "rawPath": "=/orders/42",
    "rawQueryString": "text",
    "cookies?": "array",
    "headers": "object",
    "queryStringParameters?": "object",
    "pathParameters?": "object",
    "stageVariables?": "object",
    "requestContext": HTTP_CONTEXT,
    "body?": "text",
    "isBase64Encoded": "bool",
}


AUTHORIZER_2 = {name: kind for name, kind in PAYLOAD_2.items() if name not in ("body?", "isBase64Encoded")}


SCHEMAS: dict[str, Any] = {
    "alb": {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "=GET",
        "path": "text",
        "queryStringParameters": "object",
        "headers": "object",
        "body": "text",
        "isBase64Encoded": "bool",
    },
    "apigw-rest": {
        "resource": "text",
        "path": "text",
        "httpMethod": "text",
        "headers": "object",
        "multiValueHeaders": "object",
        "queryStringParameters": "object?",
        "multiValueQueryStringParameters": "object?",
        "pathParameters": "object?",
        "stageVariables": "object?",
        "requestContext": REST_CONTEXT,
        "body": "text?",
        "isBase64Encoded": "bool",
    },
    "apigw-http": PAYLOAD_2,
    "function-url": PAYLOAD_2,
    "apigw-websocket": {
        "requestContext": {
            "routeKey": "=$default",
            "messageId": "text",
            "eventType": "=MESSAGE",
            "extendedRequestId": "text",
            "requestTime": "clf",
            "messageDirection": "=IN",
            "stage": "text",
            "connectedAt": "int",
            "requestTimeEpoch": "int",
            "identity": {"sourceIp": "text", "userAgent": "text"},
            "requestId": "text",
            "domainName": "text",
            "connectionId": "text",
            "apiId": "text",
        },
        "body": "text",
        "isBase64Encoded": "bool",
    },
    "apigw-authorizer-token": {"type": "=TOKEN", "authorizationToken": "text", "methodArn": "arn"},
    "apigw-authorizer-request": {
        "type": "=REQUEST",
        "methodArn": "arn",
        "resource": "text",
        "path": "text",
        "httpMethod": "text",
        "headers": "object",
        "multiValueHeaders": "object",
        "queryStringParameters": "object",
        "multiValueQueryStringParameters": "object",
        "pathParameters": "object",
        "stageVariables": "object",
        "requestContext": REST_CONTEXT,
    },
    "apigw-authorizer-http": {
        **AUTHORIZER_2,
        "type": "=REQUEST",
        "routeArn": "arn",
        "identitySource": "array",
    },
    "appsync": {
        "arguments": "object",
        "identity": "object",
        "source": "object?",
        "request": {"headers": "object", "domainName": "text?"},
        "prev": "object?",
        "info": {
            "selectionSetList": "array",
            "selectionSetGraphQL": "text",
            "fieldName": "text",
            "parentTypeName": "text",
            "variables": "object",
        },
        "stash": "object",
    },
    "appsync-authorizer": {
        "authorizationToken": "text",
        "requestContext": {
            "apiId": "text",
            "accountId": "digits",
            "requestId": "uuid",
            "queryString": "text",
            "operationName": "text?",
            "variables": "object",
        },
        "requestHeaders": "object",
    },
}
