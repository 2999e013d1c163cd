"""The handler's second argument."""

from __future__ import annotations

import os
import sys
import time
from json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Client:
    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")


class ClientContext:
    __slots__ = ("client", "custom", "env")

    def __init__(self, given: dict[str, Any]) -> None:
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = None
        client = given.get("client")
        if client is not None:
            self.client = Client()
            for name in Client.__slots__:
                setattr(self.client, name, client.get(name))


class LambdaContext:
    """What the handler may know of its invocation."""

    def __init__(self, headers: dict[bytes, bytes]) -> None:
        environ = os.environ
        self.aws_request_id = headers[b"lambda-runtime-aws-request-id"].decode()
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers[b"lambda-runtime-invoked-function-arn"].decode()
        tenant = headers.get(b"lambda-runtime-aws-tenant-id")
        self.tenant_id = tenant.decode() if tenant is not None else None
        client_context = headers.get(b"lambda-runtime-client-context")
        self.client_context = ClientContext(loads(client_context)) if client_context else None
        self.identity = CognitoIdentity()
        self._epoch_deadline_time_in_ms = int(headers[b"lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        shown = ["aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb"]
        shown += ["function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"]
        return f"LambdaContext([{','.join(f'{name}={getattr(self, name)}' for name in shown)}])"
