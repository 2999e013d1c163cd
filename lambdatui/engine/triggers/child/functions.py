"""Our functions, where moto looks for its own: SNS, Secrets Manager and Step Functions call them here."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

from lambdatui.engine.triggers.child import tracing
from lambdatui.engine.triggers.child.channel import Channel
from lambdatui.engine.triggers.child.patching import replace

_SNS_MEMBERS = (
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertUrl",
    "UnsubscribeUrl",
    "MessageAttributes",
)


class EngineFunctions:
    """What moto's services use of its Lambda."""

    def __init__(self, channel: Channel, account: str) -> None:
        self._channel = channel
        self._account = account

    def get_function(self, arn: str) -> Any:
        if not self._channel.ask("exists", function=arn):
            raise LookupError(arn)
        return self

    def invoke(
        self, function_name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any
    ) -> Any:
        return self._channel.ask(
            "invoke",
            function=function_name,
            service="secretsmanager.amazonaws.com",
            account=self._account,
            payload=body.decode() if isinstance(body, bytes) else body,
        )


def attach(channel: Channel, url: str) -> None:
    """Puts our functions in the place of moto's."""
    from moto.awslambda import utils
    from moto.sns import models

    def get_backend(account: str, _: str) -> Any:
        return EngineFunctions(channel, account)

    replace(utils, get_backend=get_backend)
    publish = models.Subscription.publish

    def to_function(
        self: Any, message: str, message_id: str, subject: str | None = None, **more: Any
    ) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, subject=subject, **more)
            return
        attributes = more.get("message_attributes")
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if more.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        event = _sns_event(self, message, message_id, subject, attributes)
        channel.tell(
            "sns",
            function=self.endpoint,
            topic=self.topic.arn,
            account=self.account_id,
            event=event,
            trace=tracing.header(),
            dead_letter=_dead_letter(self),
        )

    replace(models.Subscription, publish=to_function)
    if find_spec("antlr4") is not None:
        _run_state_machines(channel, url)


def _dead_letter(subscription: Any) -> str | None:
    """The queue for what this subscription cannot deliver."""
    policy = subscription.attributes.get("RedrivePolicy") or {}
    if isinstance(policy, str):
        policy = json.loads(policy)
    return policy.get("deadLetterTargetArn")


def _sns_event(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: Any
) -> dict[str, Any]:
    posted = subscription.get_post_data(message, message_id, subject)
    posted["SigningCertUrl"] = posted.pop("SigningCertURL")
    posted["UnsubscribeUrl"] = posted.pop("UnsubscribeURL")
    posted["Subject"] = subject
    posted["MessageAttributes"] = {
        name: {"Type": value["Type"], "Value": value["Value"]} for name, value in (attributes or {}).items()
    }
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription.arn,
                "Sns": {name: posted[name] for name in _SNS_MEMBERS},
            }
        ]
    }


def _run_state_machines(channel: Channel, url: str) -> None:
    """moto's interpreter runs them for real; their tasks come in by the engine's front door."""
    import boto3
    from botocore.config import Config
    from moto.core.config import default_user_config
    from moto.stepfunctions.parser.asl.utils import boto_client

    default_user_config["stepfunctions"] = {"execute_state_machine": True}

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        role = getattr(state_credentials, "role_arn", "")
        keys = channel.ask("keys", role=role)
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=keys["access_key"],
            aws_secret_access_key=keys["secret_key"],
            aws_session_token=keys["token"],
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                connect_timeout=10,
                read_timeout=960,
            ),
        )

    # The interpreter's modules take it from here when they are first imported.
    replace(boto_client, boto_client_for=client_for)
