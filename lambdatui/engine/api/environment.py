"""What a function's environment variables may be."""

from __future__ import annotations

import orjson

from lambdatui.engine.wire.errors import invalid_parameter

LIMIT_BYTES = 4096
RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_COMPLAINT = (
    "Lambda was unable to configure your environment variables because the environment variables"
    " you have provided"
)


def check_variables(variables: dict[str, str]) -> None:
    """Refuse reserved names and what is longer, as compact JSON, than Lambda takes."""
    reserved = [name for name in variables if name in RESERVED]
    if reserved:
        raise invalid_parameter(
            f"{_COMPLAINT} contains reserved keys that are currently not supported for modification."
            f" Reserved keys used in this request: {', '.join(reserved)}"
        )
    text = orjson.dumps(variables)
    if len(text) > LIMIT_BYTES:
        raise invalid_parameter(f"{_COMPLAINT} exceeded the 4KB limit. String measured: {text.decode()}")
