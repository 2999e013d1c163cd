"""The commands of `aws lambda`, every one, in one story."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import ROLE, zipped
from tests.engine.aws_command import AwsCommand

ACCOUNT = "800000000001"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:l"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
PUBLISHERS = "SigningProfileVersionArns=arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/1"
EXECUTION = f"{FUNCTION}:1/durable-execution/one/11111111-2222-3333-4444-555555555555"
CALLBACK = "send-durable-execution-callback"
FAILED = 255

# What is typed after `aws lambda`, in order; {name} stands for what an earlier answer held.
STORY: list[str] = [
    f"create-function --function-name f --runtime python3.12 --role {ROLE} --handler handler.handler"
    " --zip-file fileb://package.zip --tags team=blue",
    "wait function-exists --function-name f",
    "wait function-active --function-name f",
    "wait function-active-v2 --function-name f",
    "get-function --function-name f",
    "get-function-configuration --function-name f",
    "list-functions --function-version ALL --max-items 3",
    "update-function-code --function-name f --zip-file fileb://package.zip --publish",
    "wait function-updated --function-name f",
    "update-function-configuration --function-name f --timeout 9 --environment Variables={GREETING=hello}",
    "wait function-updated-v2 --function-name f",
    "publish-version --function-name f --description second",
    "wait published-version-active --function-name f --qualifier 2",
    "list-versions-by-function --function-name f",
    "create-alias --function-name f --name live --function-version 1",
    "get-alias --function-name f --name live",
    "update-alias --function-name f --name live --routing-config AdditionalVersionWeights={2=0.1}",
    "list-aliases --function-name f",
    "invoke --function-name f:live --payload {} out.json",
    "invoke --function-name f --invocation-type DryRun out.json",
    "invoke-async --function-name f --invoke-args args.json",
    f"create-event-source-mapping --function-name f --event-source-arn {QUEUE} --no-enabled",
    "get-event-source-mapping --uuid {UUID}",
    "list-event-source-mappings --function-name f",
    "update-event-source-mapping --uuid {UUID} --batch-size 3",
    "delete-event-source-mapping --uuid {UUID}",
    "publish-layer-version --layer-name l --zip-file fileb://package.zip",
    "get-layer-version --layer-name l --version-number 1",
    f"get-layer-version-by-arn --arn {LAYER}:1",
    "list-layers",
    "list-layer-versions --layer-name l",
    "add-layer-version-permission --layer-name l --version-number 1 --statement-id s"
    " --action lambda:GetLayerVersion --principal *",
    "get-layer-version-policy --layer-name l --version-number 1",
    "remove-layer-version-permission --layer-name l --version-number 1 --statement-id s",
    "delete-layer-version --layer-name l --version-number 1",
    "add-permission --function-name f --statement-id s --action lambda:InvokeFunction"
    " --principal s3.amazonaws.com",
    "get-policy --function-name f",
    "remove-permission --function-name f --statement-id s",
    "create-function-url-config --function-name f --auth-type NONE",
    "get-function-url-config --function-name f",
    "list-function-url-configs --function-name f",
    "update-function-url-config --function-name f --auth-type AWS_IAM",
    "delete-function-url-config --function-name f",
    "put-function-event-invoke-config --function-name f --maximum-retry-attempts 1",
    "get-function-event-invoke-config --function-name f",
    "list-function-event-invoke-configs --function-name f",
    "update-function-event-invoke-config --function-name f --maximum-event-age-in-seconds 90",
    "delete-function-event-invoke-config --function-name f",
    "put-function-concurrency --function-name f --reserved-concurrent-executions 5",
    "get-function-concurrency --function-name f",
    "put-provisioned-concurrency-config --function-name f --qualifier 2"
    " --provisioned-concurrent-executions 1",
    "get-provisioned-concurrency-config --function-name f --qualifier 2",
    "list-provisioned-concurrency-configs --function-name f",
    "delete-provisioned-concurrency-config --function-name f --qualifier 2",
    "delete-function-concurrency --function-name f",
    f"tag-resource --resource {FUNCTION} --tags a=b",
    f"list-tags --resource {FUNCTION}",
    f"untag-resource --resource {FUNCTION} --tag-keys a",
    f"create-code-signing-config --allowed-publishers {PUBLISHERS}",
    "get-code-signing-config --code-signing-config-arn {CodeSigningConfigArn}",
    "list-code-signing-configs",
    "update-code-signing-config --code-signing-config-arn {CodeSigningConfigArn} --description d",
    "put-function-code-signing-config --function-name f --code-signing-config-arn {CodeSigningConfigArn}",
    "get-function-code-signing-config --function-name f",
    "list-functions-by-code-signing-config --code-signing-config-arn {CodeSigningConfigArn}",
    "delete-function-code-signing-config --function-name f",
    "delete-code-signing-config --code-signing-config-arn {CodeSigningConfigArn}",
    "put-function-recursion-config --function-name f --recursive-loop Allow",
    "get-function-recursion-config --function-name f",
    "put-runtime-management-config --function-name f --update-runtime-on Auto",
    "get-runtime-management-config --function-name f",
    "put-function-scaling-config --function-name f --qualifier 1"
    " --function-scaling-config MinExecutionEnvironments=1,MaxExecutionEnvironments=2",
    "get-function-scaling-config --function-name f --qualifier 1",
    "create-capacity-provider --capacity-provider-name p"
    " --vpc-config SubnetIds=subnet-1,SecurityGroupIds=sg-1"
    f" --permissions-config CapacityProviderOperatorRoleArn={ROLE}",
    "get-capacity-provider --capacity-provider-name p",
    "list-capacity-providers",
    "update-capacity-provider --capacity-provider-name p --capacity-provider-scaling-config MaxVCpuCount=12",
    "list-function-versions-by-capacity-provider --capacity-provider-name p",
    "delete-capacity-provider --capacity-provider-name p",
    "get-account-settings",
    "list-durable-executions-by-function --function-name f",
    "delete-alias --function-name f --name live",
    "delete-function --function-name f:1",
    "delete-function --function-name f",
]
# What this engine refuses, and says why.
REFUSED: list[str] = [
    f"get-durable-execution --durable-execution-arn {EXECUTION}",
    f"get-durable-execution-history --durable-execution-arn {EXECUTION}",
    f"get-durable-execution-state --durable-execution-arn {EXECUTION} --checkpoint-token dG9rZW4=",
    f"checkpoint-durable-execution --durable-execution-arn {EXECUTION} --checkpoint-token dG9rZW4=",
    f"stop-durable-execution --durable-execution-arn {EXECUTION}",
    f"{CALLBACK}-success --callback-id dG9rZW4=",
    f"{CALLBACK}-failure --callback-id dG9rZW4=",
    f"{CALLBACK}-heartbeat --callback-id dG9rZW4=",
]


@pytest.fixture(scope="module")
def terminal(engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsCommand]:
    """`aws`, typed in a folder with a package and an event."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "package.zip").write_bytes(zipped())
    (folder / "args.json").write_text("{}")
    with AwsCommand(engine.env(AWS_ACCESS_KEY_ID=ACCOUNT), folder) as made:
        yield made


def test_every_command_of_the_command_line_works(terminal: AwsCommand) -> None:
    held: dict[str, str] = {}
    for line in STORY:
        for name, value in held.items():
            line = line.replace(f"{{{name}}}", value)
        said = terminal.type("lambda", *shlex.split(line))
        assert said.code == 0, f"aws lambda {line}: {said}"
        held |= _texts(said.answer or {})


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line.split()[0])
def test_what_cannot_be_run_here_is_refused_in_words(terminal: AwsCommand, line: str) -> None:
    said = terminal.type("lambda", *shlex.split(line))
    assert said.code == FAILED
    assert "ResourceNotFoundException" in said.err
    assert "This engine cannot run durable executions." in said.err


def test_no_command_was_left_out(terminal: AwsCommand) -> None:
    known = terminal.commands("lambda")
    assert {line.split()[0] for line in STORY + REFUSED} == set(known["commands"])
    waits = {line.split()[1] for line in STORY if line.startswith("wait ")}
    assert waits == set(known["waiters"])


def _texts(answer: Any) -> dict[str, str]:
    """Every text member of an answer, inner ones too."""
    found: dict[str, str] = {}
    for name, value in answer.items():
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, dict):
            found |= _texts(value)
    return found
