"""The shape of every sample, from what AWS documents and what was recorded from it.

A text names the kind of a value (see KINDS in test_samples), `=text` is that very text, a one-element array
describes each element, a member whose name ends in `?` may be missing; no other members may be there.
"""

from __future__ import annotations

from typing import Any

SQS_ATTRIBUTES = {
    "ApproximateReceiveCount": "digits",
    "SentTimestamp": "digits",
    "SenderId": "text",
    "ApproximateFirstReceiveTimestamp": "digits",
    "AWSTraceHeader?": "text",
    "DeadLetterQueueSourceArn?": "arn",
}


def sqs(**more: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": "uuid",
                "receiptHandle": "base64",
                "body": "text",
                "attributes": {**SQS_ATTRIBUTES, **more},
                "messageAttributes": "object",
                "md5OfMessageAttributes?": "hex?",
                "md5OfBody": "hex",
                "eventSource": "=aws:sqs",
                "eventSourceARN": "arn",
                "awsRegion": "=us-east-1",
            }
        ]
    }


KINESIS_RECORD = {
    "kinesis": {
        "kinesisSchemaVersion": "=1.0",
        "partitionKey": "text",
        "sequenceNumber": "digits",
        "data": "base64",
        "approximateArrivalTimestamp": "float",
    },
    "eventSource": "=aws:kinesis",
    "eventVersion": "=1.0",
    "eventID": "text",
    "eventName": "=aws:kinesis:record",
    "invokeIdentityArn": "arn",
    "awsRegion": "text",
    "eventSourceARN": "arn",
}


def dynamodb(name: str, images: dict[str, str], **more: Any) -> dict[str, Any]:
    change = {
        "ApproximateCreationDateTime": "float",
        "Keys": "object",
        **images,
        "SequenceNumber": "digits",
        "SizeBytes": "int",
        "StreamViewType": "=NEW_AND_OLD_IMAGES",
    }
    return {
        "Records": [
            {
                "eventID": "hex",
                "eventName": f"={name}",
                "eventVersion": "=1.1",
                "eventSource": "=aws:dynamodb",
                "awsRegion": "text",
                "dynamodb": change,
                "eventSourceARN": "arn",
                **more,
            }
        ]
    }


WINDOW = {
    "window": {"start": "iso", "end": "iso"},
    "state": "object",
    "shardId": "text",
    "eventSourceARN": "arn",
    "isFinalInvokeForWindow": "bool",
    "isWindowTerminatedEarly": "bool",
}
KAFKA_RECORDS = {
    "my-topic-0": [
        {
            "topic": "text",
            "partition": "int",
            "offset": "int",
            "timestamp": "int",
            "timestampType": "=CREATE_TIME",
            "key": "base64",
            "value": "base64",
            "headers": "array",
        }
    ]
}
EVENTBRIDGE = {
    "version": "=0",
    "id": "uuid",
    "detail-type": "text",
    "source": "text",
    "account": "digits",
    "time": "iso",
    "region": "text",
    "resources": "array",
    "detail": "object",
}


def s3_batch(version: str, job: dict[str, str], **task: str) -> dict[str, Any]:
    return {
        "invocationSchemaVersion": f"={version}",
        "invocationId": "text",
        "job": job,
        "tasks": [{"taskId": "text", "s3Key": "text", "s3VersionId": "text?", **task}],
    }


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


def failed_batch(name: str, arrival: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "requestId": "uuid",
            "functionArn": "arn",
            "condition": "=RetryAttemptsExhausted",
            "approximateInvokeCount": "int",
        },
        "responseContext": {"statusCode": "int", "executedVersion": "text", "functionError": "text?"},
        "version": "=1.0",
        "timestamp": "iso_ms",
        name: {
            "shardId": "text",
            "startSequenceNumber": "digits",
            "endSequenceNumber": "digits",
            "approximateArrivalOfFirstRecord": arrival,
            "approximateArrivalOfLastRecord": arrival,
            "batchSize": "int",
            "streamArn": "arn",
        },
    }


def result(condition: str, **response: Any) -> dict[str, Any]:
    return {
        "version": "=1.0",
        "timestamp": "iso_ms",
        "requestContext": {
            "requestId": "uuid",
            "functionArn": "arn",
            "condition": f"={condition}",
            "approximateInvokeCount": "int",
        },
        "requestPayload": "any",
        "responseContext": {"statusCode": "int", "executedVersion": "text", **response},
        "responsePayload": "any",
    }


SCHEMAS: dict[str, Any] = {
    "sqs": sqs(),
    "sqs-fifo": sqs(SequenceNumber="digits", MessageGroupId="text", MessageDeduplicationId="text"),
    "kinesis": {"Records": [KINESIS_RECORD]},
    "kinesis-window": {"Records": [KINESIS_RECORD], **WINDOW},
    "dynamodb-window": dynamodb("MODIFY", {"NewImage": "object", "OldImage": "object"}) | WINDOW,
    "dynamodb-insert": dynamodb("INSERT", {"NewImage": "object"}),
    "dynamodb-modify": dynamodb("MODIFY", {"NewImage": "object", "OldImage": "object"}),
    "dynamodb-remove": dynamodb("REMOVE", {"OldImage": "object"}),
    "dynamodb-ttl": dynamodb(
        "REMOVE",
        {"OldImage": "object"},
        userIdentity={"type": "=Service", "principalId": "=dynamodb.amazonaws.com"},
    ),
    "msk": {
        "eventSource": "=aws:kafka",
        "eventSourceArn": "arn",
        "bootstrapServers": "text",
        "records": KAFKA_RECORDS,
    },
    "kafka": {"eventSource": "=SelfManagedKafka", "bootstrapServers": "text", "records": KAFKA_RECORDS},
    "activemq": {
        "eventSource": "=aws:mq",
        "eventSourceArn": "arn",
        "messages": [
            {
                "messageID": "text",
                "messageType": "=jms/text-message",
                "deliveryMode": "int",
                "replyTo": "text?",
                "type": "text?",
                "expiration": "int",
                "priority": "int",
                "correlationId": "text",
                "redelivered": "bool",
                "destination": {"physicalName": "text"},
                "data": "base64",
                "timestamp": "int",
                "brokerInTime": "int",
                "brokerOutTime": "int",
                "connectionId": "text",
                "properties": "object",
            }
        ],
    },
    "rabbitmq": {
        "eventSource": "=aws:rmq",
        "eventSourceArn": "arn",
        "rmqMessagesByQueue": {
            "my-queue::/": [{"basicProperties": "object", "redelivered": "bool", "data": "base64"}]
        },
    },
    "documentdb": {
        "eventSourceArn": "arn",
        "events": [
            {
                "event": {
                    "_id": "object",
                    "clusterTime": "object",
                    "documentKey": "object",
                    "fullDocument": "object",
                    "ns": {"db": "text", "coll": "text"},
                    "operationType": "=insert",
                }
            }
        ],
        "eventSource": "=aws:docdb",
    },
    "firehose": {
        "invocationId": "uuid",
        "deliveryStreamArn": "arn",
        "region": "text",
        "records": [{"recordId": "text", "approximateArrivalTimestamp": "int", "data": "base64"}],
    },
    "s3": {
        "Records": [
            {
                "eventVersion": "text",
                "eventSource": "=aws:s3",
                "awsRegion": "text",
                "eventTime": "iso_ms",
                "eventName": "=ObjectCreated:Put",
                "userIdentity": {"principalId": "text"},
                "requestParameters": {"sourceIPAddress": "text"},
                "responseElements": {"x-amz-request-id": "text", "x-amz-id-2": "text"},
                "s3": {
                    "s3SchemaVersion": "=1.0",
                    "configurationId": "text",
                    "bucket": {"name": "text", "ownerIdentity": {"principalId": "text"}, "arn": "arn"},
                    "object": {"key": "text", "size": "int", "eTag": "hex", "sequencer": "hex"},
                },
            }
        ]
    },
    "s3-test": {
        "Service": "=Amazon S3",
        "Event": "=s3:TestEvent",
        "Time": "iso_ms",
        "Bucket": "text",
        "RequestId": "text",
        "HostId": "text",
    },
    "s3-eventbridge": {
        **EVENTBRIDGE,
        "detail-type": "=Object Created",
        "source": "=aws.s3",
        "detail": {
            "version": "=0",
            "bucket": {"name": "text"},
            "object": {"key": "=folder/my file.txt", "size": "int", "etag": "hex", "sequencer": "hex"},
            "request-id": "text",
            "requester": "digits",
            "source-ip-address": "text",
            "reason": "=PutObject",
        },
    },
    "s3-batch-1": s3_batch("1.0", {"id": "uuid"}, s3BucketArn="arn"),
    "s3-batch-2": s3_batch("2.0", {"id": "uuid", "userArguments": "object"}, s3Bucket="text"),
    "sns": {
        "Records": [
            {
                "EventSource": "=aws:sns",
                "EventVersion": "=1.0",
                "EventSubscriptionArn": "arn",
                "Sns": {
                    "Type": "=Notification",
                    "MessageId": "uuid",
                    "TopicArn": "arn",
                    "Subject": "text?",
                    "Message": "text",
                    "Timestamp": "iso_ms",
                    "SignatureVersion": "=1",
                    "Signature": "base64",
                    "SigningCertUrl": "text",
                    "UnsubscribeUrl": "text",
                    "MessageAttributes": "object",
                },
            }
        ]
    },
    "eventbridge": EVENTBRIDGE,
    "schedule": {**EVENTBRIDGE, "detail-type": "=Scheduled Event", "source": "=aws.events", "detail": {}},
    "scheduler": {},
    "iot": {"temperature": "float", "topic": "text", "timestamp": "int", "client_id": "text"},
    "iot-events": {
        "eventName": "text",
        "eventTime": "int",
        "payload": {
            "actionExecutionId": "uuid",
            "detector": {"detectorModelName": "text", "keyValue": "text", "detectorModelVersion": "text"},
            "eventTriggerDetails": {"inputName": "text", "messageId": "uuid", "triggerType": "text"},
            "state": {"stateName": "text", "variables": "object", "timers": "object"},
        },
    },
    "ses": {
        "Records": [
            {
                "eventSource": "=aws:ses",
                "eventVersion": "=1.0",
                "ses": {
                    "mail": {
                        "timestamp": "iso_ms",
                        "source": "text",
                        "messageId": "text",
                        "destination": "array",
                        "headersTruncated": "bool",
                        "headers": [{"name": "text", "value": "text"}],
                        "commonHeaders": {
                            "returnPath": "text",
                            "from": "array",
                            "date": "text",
                            "to": "array",
                            "messageId": "text",
                            "subject": "text",
                        },
                    },
                    "receipt": {
                        "timestamp": "iso_ms",
                        "processingTimeMillis": "int",
                        "recipients": "array",
                        **{
                            f"{name}Verdict": {"status": "=PASS"}
                            for name in ("spam", "virus", "spf", "dkim", "dmarc")
                        },
                        "action": {"type": "=Lambda", "functionArn": "arn", "invocationType": "=Event"},
                    },
                },
            }
        ]
    },
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
    "cloudfront-viewer-request": edge("viewer-request"),
    "cloudfront-origin-request": edge("origin-request"),
    "cloudfront-origin-response": edge("origin-response", response=EDGE_RESPONSE),
    "cloudfront-viewer-response": edge("viewer-response", response=EDGE_RESPONSE),
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
    "destination-success": result("Success"),
    "destination-failure": result("RetriesExhausted", functionError="=Unhandled"),
    "destination-eventbridge": {
        **EVENTBRIDGE,
        "detail-type": "=Lambda Function Invocation Result - Failure",
        "source": "=lambda",
        "detail": result("RetriesExhausted", functionError="=Unhandled"),
    },
    "kafka-failure": {
        **{name: told for name, told in failed_batch("", "").items() if name},
        "KafkaBatchInfo": {
            "batchSize": "int",
            "eventSourceArn": "arn",
            "bootstrapServers": "text",
            "payloadSize": "int",
            "recordsInfo": {
                "my-topic-0": {
                    "firstRecordOffset": "digits",
                    "lastRecordOffset": "digits",
                    "firstRecordTimestamp": "iso_ms",
                    "lastRecordTimestamp": "iso_ms",
                }
            },
        },
    },
    "kinesis-failure": failed_batch("KinesisBatchInfo", "iso_ms"),
    "dynamodb-failure": failed_batch("DDBStreamBatchInfo", "iso"),
}
