"""Another reader of the same events: the classes and models of Powertools for AWS Lambda, if installed."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from lambdatui import events

pytest.importorskip("aws_lambda_powertools")

CLASSES = "aws_lambda_powertools.utilities.data_classes"
MODELS = "aws_lambda_powertools.utilities.parser.models"

DATA_CLASSES = {
    "activemq": "active_mq_event.ActiveMQEvent",
    "alarm": "cloud_watch_alarm_event.CloudWatchAlarmEvent",
    "alb": "alb_event.ALBEvent",
    "apigw-authorizer-http": "api_gateway_authorizer_event.APIGatewayAuthorizerEventV2",
    "apigw-authorizer-request": "api_gateway_authorizer_event.APIGatewayAuthorizerRequestEvent",
    "apigw-authorizer-token": "api_gateway_authorizer_event.APIGatewayAuthorizerTokenEvent",
    "apigw-http": "api_gateway_proxy_event.APIGatewayProxyEventV2",
    "apigw-rest": "api_gateway_proxy_event.APIGatewayProxyEvent",
    "apigw-websocket": "api_gateway_websocket_event.APIGatewayWebSocketEvent",
    "appsync": "appsync_resolver_event.AppSyncResolverEvent",
    "appsync-authorizer": "appsync_authorizer_event.AppSyncAuthorizerEvent",
    "cloudformation": "cloudformation_custom_resource_event.CloudFormationCustomResourceEvent",
    "codepipeline": "code_pipeline_job_event.CodePipelineJobEvent",
    "cognito-create-auth-challenge": "cognito_user_pool_event.CreateAuthChallengeTriggerEvent",
    "cognito-custom-email-sender": "cognito_user_pool_event.CustomEmailSenderTriggerEvent",
    "cognito-custom-message": "cognito_user_pool_event.CustomMessageTriggerEvent",
    "cognito-custom-sms-sender": "cognito_user_pool_event.CustomSMSSenderTriggerEvent",
    "cognito-define-auth-challenge": "cognito_user_pool_event.DefineAuthChallengeTriggerEvent",
    "cognito-post-authentication": "cognito_user_pool_event.PostAuthenticationTriggerEvent",
    "cognito-post-confirmation": "cognito_user_pool_event.PostConfirmationTriggerEvent",
    "cognito-pre-authentication": "cognito_user_pool_event.PreAuthenticationTriggerEvent",
    "cognito-pre-signup": "cognito_user_pool_event.PreSignUpTriggerEvent",
    "cognito-pre-token": "cognito_user_pool_event.PreTokenGenerationTriggerEvent",
    "cognito-pre-token-v2": "cognito_user_pool_event.PreTokenGenerationV2TriggerEvent",
    "cognito-pre-token-v3": "cognito_user_pool_event.PreTokenGenerationV2TriggerEvent",
    "cognito-user-migration": "cognito_user_pool_event.UserMigrationTriggerEvent",
    "cognito-verify-auth-challenge": "cognito_user_pool_event.VerifyAuthChallengeResponseTriggerEvent",
    "config": "aws_config_rule_event.AWSConfigRuleEvent",
    "dynamodb-insert": "dynamo_db_stream_event.DynamoDBStreamEvent",
    "dynamodb-modify": "dynamo_db_stream_event.DynamoDBStreamEvent",
    "dynamodb-remove": "dynamo_db_stream_event.DynamoDBStreamEvent",
    "dynamodb-window": "dynamo_db_stream_event.DynamoDBStreamEvent",
    "dynamodb-ttl": "dynamo_db_stream_event.DynamoDBStreamEvent",
    "eventbridge": "event_bridge_event.EventBridgeEvent",
    "firehose": "kinesis_firehose_event.KinesisFirehoseEvent",
    "function-url": "lambda_function_url_event.LambdaFunctionUrlEvent",
    "kafka": "kafka_event.KafkaEvent",
    "kinesis": "kinesis_stream_event.KinesisStreamEvent",
    "kinesis-window": "kinesis_stream_event.KinesisStreamEvent",
    "logs": "cloud_watch_logs_event.CloudWatchLogsEvent",
    "msk": "kafka_event.KafkaEvent",
    "rabbitmq": "rabbit_mq_event.RabbitMQEvent",
    "s3": "s3_event.S3Event",
    "s3-batch-1": "s3_batch_operation_event.S3BatchOperationEvent",
    "s3-batch-2": "s3_batch_operation_event.S3BatchOperationEvent",
    "s3-eventbridge": "s3_event.S3EventBridgeNotificationEvent",
    "schedule": "event_bridge_event.EventBridgeEvent",
    "secrets-rotation": "secrets_manager_event.SecretsManagerEvent",
    "ses": "ses_event.SESEvent",
    "sns": "sns_event.SNSEvent",
    "sqs": "sqs_event.SQSEvent",
    "sqs-fifo": "sqs_event.SQSEvent",
}

PARSER_MODELS = {
    "alb": "AlbModel",
    "apigw-websocket event=CONNECT": "APIGatewayWebSocketConnectEventModel",
    "apigw-websocket event=DISCONNECT": "APIGatewayWebSocketDisconnectEventModel",
    "apigw-authorizer-http": "ApiGatewayAuthorizerRequestV2",
    "apigw-authorizer-request": "ApiGatewayAuthorizerRequest",
    "apigw-authorizer-token": "ApiGatewayAuthorizerToken",
    "apigw-http": "APIGatewayProxyEventV2Model",
    "apigw-rest": "APIGatewayProxyEventModel",
    "apigw-websocket": "APIGatewayWebSocketMessageEventModel",
    "appsync": "AppSyncResolverEventModel",
    "cloudformation": "CloudFormationCustomResourceCreateModel",
    "cloudformation request=Update": "CloudFormationCustomResourceUpdateModel",
    "cloudformation request=Delete": "CloudFormationCustomResourceDeleteModel",
    "cognito-create-auth-challenge": "CognitoCreateAuthChallengeTriggerModel",
    "cognito-custom-email-sender": "CognitoCustomEmailSenderTriggerModel",
    "cognito-custom-message": "CognitoCustomMessageTriggerModel",
    "cognito-custom-sms-sender": "CognitoCustomSMSSenderTriggerModel",
    "cognito-define-auth-challenge": "CognitoDefineAuthChallengeTriggerModel",
    "cognito-post-authentication": "CognitoPostAuthenticationTriggerModel",
    "cognito-post-confirmation": "CognitoPostConfirmationTriggerModel",
    "cognito-pre-authentication": "CognitoPreAuthenticationTriggerModel",
    "cognito-pre-signup": "CognitoPreSignupTriggerModel",
    "cognito-user-migration": "CognitoMigrateUserTriggerModel",
    "dynamodb-failure": "DynamoDBStreamLambdaOnFailureDestinationModel",
    "dynamodb-window": "DynamoDBStreamModel",
    "kinesis-window": "KinesisDataStreamModel",
    "dynamodb-insert": "DynamoDBStreamModel",
    "dynamodb-modify": "DynamoDBStreamModel",
    "dynamodb-remove": "DynamoDBStreamModel",
    "dynamodb-ttl": "DynamoDBStreamModel",
    "eventbridge": "EventBridgeModel",
    "firehose": "KinesisFirehoseModel",
    "function-url": "LambdaFunctionUrlModel",
    "kafka": "KafkaSelfManagedEventModel",
    "kinesis": "KinesisDataStreamModel",
    "logs": "CloudWatchLogsModel",
    "msk": "KafkaMskEventModel",
    "s3": "S3Model",
    "s3-batch-1": "S3BatchOperationModel",
    "s3-batch-2": "S3BatchOperationModel",
    "s3-eventbridge": "S3EventNotificationEventBridgeModel",
    "schedule": "EventBridgeModel",
    "ses": "SesModel",
    "sns": "SnsModel",
    "sqs": "SqsModel",
    "sqs-fifo": "SqsModel",
}
# What these classes read although a service sends it only now and then, or in another version of the event.
PARAMETERS = {
    "apigw-authorizer-http": {"headers": '{"Cookie": "a=b"}', "query": "a=1"},
    "s3-eventbridge": {"version": "v1"},
}
NOT_SENT = {
    "apigw-authorizer-request": {"authorization_token", "identity_source", "version"},
    "apigw-rest": {"version"},
}


def read_all(thing: Any, not_sent: set[str], seen: int = 0) -> int:
    """Read every property of a data class, and of what those return; says how many."""
    count = 0
    for name, member in inspect.getmembers(type(thing)):
        if isinstance(member, property) and not name.startswith("_") and name not in not_sent:
            value = getattr(thing, name)
            count += 1
            for inner in [value] if not isinstance(value, list) else value:
                if type(inner).__module__.startswith(CLASSES) and seen < 6:
                    count += read_all(inner, not_sent, seen + 1)
    return count


@pytest.mark.parametrize("sample_id", DATA_CLASSES)
def test_data_class(sample_id: str) -> None:
    module, name = DATA_CLASSES[sample_id].rsplit(".", 1)
    wrapped = getattr(importlib.import_module(f"{CLASSES}.{module}"), name)(
        events.build(sample_id, PARAMETERS.get(sample_id))
    )
    assert read_all(wrapped, NOT_SENT.get(sample_id, set())) > 0


@pytest.mark.parametrize("sample_id", PARSER_MODELS)
def test_parser_model(sample_id: str) -> None:
    pytest.importorskip("pydantic")
    model = getattr(importlib.import_module(MODELS), PARSER_MODELS[sample_id])
    name, *more = sample_id.split()
    parameters = dict(one.split("=") for one in more)
    assert model.model_validate(events.build(name, parameters))
