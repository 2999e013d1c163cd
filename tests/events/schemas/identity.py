"""Triggers of Cognito."""

from __future__ import annotations

from typing import Any


def cognito(
    trigger: str, request: dict[str, str], response: dict[str, str], version: str = "1"
) -> dict[str, Any]:
    return {
        "version": f"={version}",
        "triggerSource": f"={trigger}",
        "region": "text",
        "userPoolId": "=us-east-1_AbCdEf123",
        "userName": "text",
        "callerContext": {"awsSdkVersion": "text", "clientId": "text"},
        "request": request,
        "response": response,
    }


USER = {"userAttributes": "object"}


SCHEMAS: dict[str, Any] = {
    "cognito-pre-signup": cognito(
        "PreSignUp_SignUp",
        {**USER, "validationData": "object?"},
        {"autoConfirmUser": "bool", "autoVerifyEmail": "bool", "autoVerifyPhone": "bool"},
    ),
    "cognito-post-confirmation": cognito("PostConfirmation_ConfirmSignUp", USER, {}),
    "cognito-pre-authentication": cognito(
        "PreAuthentication_Authentication", {**USER, "validationData": "object?", "userNotFound": "bool"}, {}
    ),
    "cognito-post-authentication": cognito(
        "PostAuthentication_Authentication", {**USER, "newDeviceUsed": "bool"}, {}
    ),
    "cognito-define-auth-challenge": cognito(
        "DefineAuthChallenge_Authentication",
        {**USER, "session": "array", "userNotFound": "bool"},
        {"challengeName": "text?", "issueTokens": "bool?", "failAuthentication": "bool?"},
    ),
    "cognito-create-auth-challenge": cognito(
        "CreateAuthChallenge_Authentication",
        {**USER, "challengeName": "text", "session": "array", "userNotFound": "bool"},
        {
            "publicChallengeParameters": "object?",
            "privateChallengeParameters": "object?",
            "challengeMetadata": "text?",
        },
    ),
    "cognito-verify-auth-challenge": cognito(
        "VerifyAuthChallengeResponse_Authentication",
        {**USER, "privateChallengeParameters": "object", "challengeAnswer": "text", "userNotFound": "bool"},
        {"answerCorrect": "bool?"},
    ),
    "cognito-pre-token": cognito(
        "TokenGeneration_Authentication",
        {**USER, "groupConfiguration": "object"},
        {"claimsOverrideDetails": "object?"},
    ),
    "cognito-pre-token-v2": cognito(
        "TokenGeneration_Authentication",
        {**USER, "groupConfiguration": "object", "scopes": "array"},
        {"claimsAndScopeOverrideDetails": "object?"},
        "2",
    ),
    "cognito-pre-token-v3": cognito(
        "TokenGeneration_ClientCredentials",
        {**USER, "groupConfiguration": "object", "scopes": "array"},
        {"claimsAndScopeOverrideDetails": "object?"},
        "3",
    ),
    "cognito-user-migration": cognito(
        "UserMigration_Authentication",
        {"password": "text", "validationData": "object?"},
        {
            "userAttributes": "object?",
            "forceAliasCreation": "bool?",
            "finalUserStatus": "text?",
            "messageAction": "text?",
            "desiredDeliveryMediums": "array?",
        },
    ),
    "cognito-custom-message": cognito(
        "CustomMessage_SignUp",
        {**USER, "codeParameter": "={####}", "linkParameter": "text", "usernameParameter": "text?"},
        {"smsMessage": "text?", "emailMessage": "text?", "emailSubject": "text?"},
    ),
    "cognito-custom-email-sender": cognito(
        "CustomEmailSender_SignUp", {**USER, "type": "=customEmailSenderRequestV1", "code": "base64"}, {}
    ),
    "cognito-custom-sms-sender": cognito(
        "CustomSMSSender_SignUp", {**USER, "type": "=customSMSSenderRequestV1", "code": "base64"}, {}
    ),
    "cognito-sync": {
        "version": "int",
        "eventType": "=SyncTrigger",
        "region": "text",
        "identityPoolId": "text",
        "identityId": "text",
        "datasetName": "text",
        "datasetRecords": {"score": {"oldValue": "text", "newValue": "text", "op": "=replace"}},
    },
}
