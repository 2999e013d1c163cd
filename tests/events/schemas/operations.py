"""Logs, deployments, rules and alarms."""

from __future__ import annotations

from typing import Any

SCHEMAS: dict[str, Any] = {
    "logs": {"awslogs": {"data": "base64"}},
    "codecommit": {
        "Records": [
            {
                "eventId": "uuid",
                "eventVersion": "=1.0",
                "eventTime": "text",
                "eventTriggerName": "text",
                "eventPartNumber": "int",
                "codecommit": {"references": [{"commit": "hex", "ref": "=refs/heads/main"}]},
                "eventName": "=ReferenceChanges",
                "eventTriggerConfigId": "uuid",
                "eventSourceARN": "arn",
                "userIdentityARN": "arn",
                "eventSource": "=aws:codecommit",
                "awsRegion": "text",
                "customData": "text",
                "eventTotalParts": "int",
            }
        ]
    },
    "codepipeline": {
        "CodePipeline.job": {
            "id": "uuid",
            "accountId": "digits",
            "data": {
                "actionConfiguration": {"configuration": {"FunctionName": "text", "UserParameters": "text"}},
                "inputArtifacts": [
                    {
                        "location": {
                            "s3Location": {"bucketName": "text", "objectKey": "text"},
                            "type": "=S3",
                        },
                        "revision": "text?",
                        "name": "text",
                    }
                ],
                "outputArtifacts": "array",
                "artifactCredentials": {
                    "secretAccessKey": "text",
                    "sessionToken": "text",
                    "accessKeyId": "text",
                },
            },
        }
    },
    "cloudformation": {
        "RequestType": "=Create",
        "ServiceToken": "arn",
        "ResponseURL": "text",
        "StackId": "arn",
        "RequestId": "uuid",
        "LogicalResourceId": "text",
        "ResourceType": "text",
        "ResourceProperties": {"ServiceToken": "arn", "Name": "text"},
    },
    "config": {
        "version": "=1.0",
        "invokingEvent": "json",
        "ruleParameters": "json",
        "resultToken": "text",
        "eventLeftScope": "bool",
        "executionRoleArn": "arn",
        "configRuleArn": "arn",
        "configRuleName": "text",
        "configRuleId": "text",
        "accountId": "digits",
        "evaluationMode": "=DETECTIVE",
    },
    "alarm": {
        "source": "=aws.cloudwatch",
        "alarmArn": "arn",
        "accountId": "digits",
        "time": "text",
        "region": "text",
        "alarmData": {
            "alarmName": "text",
            "state": {"value": "=ALARM", "reason": "text", "reasonData": "json", "timestamp": "text"},
            "previousState": {"value": "=OK", "reason": "text", "reasonData": "json", "timestamp": "text"},
            "configuration": {"description": "text", "metrics": "array"},
        },
    },
    "secrets-rotation": {"SecretId": "arn", "ClientRequestToken": "uuid", "Step": "=createSecret"},
}
