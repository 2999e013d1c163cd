"""What is put on the clipboard."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from lambdatui.model import InvocationType, Target, TargetKind
from lambdatui.service.invoker import encoded_context


def aws_command(
    target: Target,
    function: str,
    qualifier: str | None,
    payload: str,
    kind: InvocationType,
    client_context: str = "",
) -> str:
    """The invocation as the ``aws`` CLI does it, ready to paste. The CLI has no word for streaming."""
    words = ["aws", "lambda", "invoke", "--function-name", function]
    if qualifier:
        words += ["--qualifier", qualifier]
    if kind is not InvocationType.REQUEST_RESPONSE:
        words += ["--invocation-type", str(kind)]
    if client_context:
        words += ["--client-context", encoded_context(client_context)]
    words += ["--cli-binary-format", "raw-in-base64-out", "--payload", payload]
    if target.kind is TargetKind.AWS and target.profile:
        words += ["--profile", target.profile]
    words += ["--region", target.region]
    if target.endpoint:
        words += ["--endpoint-url", target.endpoint]
    return shlex.join([*words, "/dev/stdout"])


def boto3_call(
    target: Target,
    function: str,
    qualifier: str | None,
    payload: str,
    kind: InvocationType,
    client_context: str = "",
    *,
    streamed: bool = False,
) -> str:
    """The invocation as Python with boto3 does it."""
    session = {"profile_name": target.profile} if target.kind is TargetKind.AWS and target.profile else {}
    client = {"region_name": target.region} | ({"endpoint_url": target.endpoint} if target.endpoint else {})
    call = {"FunctionName": function} | ({"Qualifier": qualifier} if qualifier else {})
    call |= {"InvocationType": str(kind)}
    if client_context:
        call |= {"ClientContext": encoded_context(client_context)}
    operation = "invoke_with_response_stream" if streamed else "invoke"
    return "\n".join(
        (
            "import boto3",
            "",
            f"client = boto3.Session({_keywords(session)}).client('lambda', {_keywords(client)})",
            f"answer = client.{operation}({_keywords(call)}, Payload={payload.encode()!r})",
            *(_PRINT_STREAM if streamed else _PRINT),
        )
    )


_PRINT = ("print(answer['StatusCode'], answer.get('FunctionError', ''), answer['Payload'].read().decode())",)
_PRINT_STREAM = (
    "for event in answer['EventStream']:",
    "    if 'PayloadChunk' in event:",
    "        print(event['PayloadChunk']['Payload'].decode(errors='replace'), end='', flush=True)",
    "    elif event['InvokeComplete'].get('ErrorCode'):",
    "        print(event['InvokeComplete']['ErrorCode'], event['InvokeComplete'].get('ErrorDetails', ''))",
)


def _keywords(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def exports(environment: Mapping[str, str]) -> str:
    """The lines that ``lambdatui env`` prints."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
