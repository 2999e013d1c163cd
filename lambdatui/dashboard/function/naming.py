"""ARNs as people say them."""

from __future__ import annotations

_SERVICES = {
    "sqs": "SQS",
    "sns": "SNS",
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB",
    "kafka": "MSK",
    "mq": "Amazon MQ",
    "rds": "DocumentDB",
    "s3": "S3",
    "lambda": "Lambda",
    "events": "EventBridge",
    "states": "Step Functions",
    "execute-api": "API Gateway",
    "elasticloadbalancing": "load balancer",
    "logs": "Logs",
    "iam": "IAM",
    "cognito-idp": "Cognito",
}
_PRINCIPALS = {
    "apigateway": "API Gateway",
    "elasticloadbalancing": "Load balancers",
    "cognito-idp": "Cognito",
    "events": "EventBridge",
    "scheduler": "EventBridge Scheduler",
    "s3": "Amazon S3",
    "sns": "Amazon SNS",
    "ses": "Amazon SES",
    "logs": "CloudWatch Logs",
    "config": "AWS Config",
    "iot": "AWS IoT",
    "secretsmanager": "Secrets Manager",
    "states": "Step Functions",
    "lexv2": "Lex",
    "edgelambda": "Lambda@Edge",
    "alexa-appkit": "Alexa",
    "vpc-lattice": "VPC Lattice",
    "lambda.alarms.cloudwatch": "CloudWatch alarms",
}


def short_arn(arn: str) -> str:
    """``SQS orders`` for ``arn:aws:sqs:…:orders``; anything else as it is."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return arn
    service, resource = parts[2], parts[5]
    name = _resource(service, resource)
    return f"{_SERVICES.get(service, service)} {name}"


def _resource(service: str, resource: str) -> str:
    match service:
        case "dynamodb":
            return resource.removeprefix("table/").split("/", 1)[0]
        case "lambda":
            return resource.removeprefix("function:")
        case "kinesis" | "events" | "rds" | "kafka":
            return resource.split("/", 1)[-1].split("/", 1)[0] if "/" in resource else resource
        case "execute-api":
            return resource.split("/", 1)[0]
    return resource.rsplit(":", 1)[-1]


def principal(text: str) -> str:
    """A principal of a policy: ``Amazon S3``, ``account 123456789012``, ``everyone``."""
    if text == "*":
        return "everyone"
    if text.isdecimal():
        return f"account {text}"
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        if len(parts) == 6 and parts[5] == "root":
            return f"account {parts[4]}"
        return parts[5] if len(parts) == 6 else text
    name, found, _ = text.partition(".amazon")
    if not found:
        return text
    return _PRINCIPALS.get(name) or _PRINCIPALS.get(name.split(".", 1)[0]) or name


def qualifier_of(arn: str) -> str:
    """The version or alias that a function's ARN ends with; empty when it names none."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else ""
