"""Tags, code signing, recursion, runtime management, scaling, capacity providers, durable executions."""

from __future__ import annotations

import re
from typing import Any

from tests.engine.api.aws import ROLE, Failure, Lambda, conflict, invalid, missing, not_valid

PROFILE = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij"
PUBLISHERS = {"SigningProfileVersionArns": [PROFILE]}


def test_tags_change_the_revision(own: Lambda) -> None:
    arn = own.arn("f")
    before = own("get_function_configuration", FunctionName="f")["RevisionId"]
    assert own("tag_resource", Resource=arn, Tags={"a": "1", "b": "2"})["status"] == 204
    between = own("get_function_configuration", FunctionName="f")["RevisionId"]
    own("tag_resource", Resource=arn, Tags={"a": "3"})
    assert own("list_tags", Resource=arn)["Tags"] == {"a": "3", "b": "2"}
    assert own("untag_resource", Resource=arn, TagKeys=["a", "b", "none"])["status"] == 204
    after = own("get_function_configuration", FunctionName="f")["RevisionId"]
    assert len({before, between, after}) == 3
    assert own("list_tags", Resource=arn)["Tags"] == {}
    assert "Tags" not in own("get_function", FunctionName="f")


def test_what_cannot_be_tagged(own: Lambda) -> None:
    qualified = invalid(
        "Tags on function aliases and versions are not supported. Please specify a function ARN."
    )
    limit = invalid("Number of tags exceeds resource tag limit.")
    for qualifier in ("live", "$LATEST", "77"):
        assert own.failure("list_tags", Resource=own.arn("f", qualifier)) == qualified
    unknown = missing(f"Function not found: {own.arn('none')}")
    assert own.failure("list_tags", Resource=own.arn("none")) == unknown
    assert own.failure("tag_resource", Resource=own.arn("none"), Tags={"a": "b"}) == unknown
    assert own.failure("untag_resource", Resource=own.arn("none"), TagKeys=["a"]) == unknown
    assert own.failure("tag_resource", Resource=own.arn("f"), Tags={}) == invalid(
        "An error occurred and the request cannot be processed."
    )
    many = {f"t{n}": "" for n in range(51)}
    assert own.failure("tag_resource", Resource=own.arn("f"), Tags=many) == limit
    own("tag_resource", Resource=own.arn("f"), Tags=dict(list(many.items())[:50]))
    assert own.failure("tag_resource", Resource=own.arn("f"), Tags={"more": ""}) == limit
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    for kind, words in (
        (f"event-source-mapping:{uuid}", "Event source mapping"),
        ("capacity-provider:none", "Capacity provider"),
    ):
        arn = f"arn:aws:lambda:us-east-1:{own.account}:{kind}"
        assert own.failure("list_tags", Resource=arn) == missing(f"{words} not found: {arn}")


def test_code_signing_configs(own: Lambda) -> None:
    config = own("create_code_signing_config", AllowedPublishers=PUBLISHERS, Tags={"a": "b"})[
        "CodeSigningConfig"
    ]
    arn = config["CodeSigningConfigArn"]
    assert re.fullmatch(r"csc-[a-z0-9]{17}", config["CodeSigningConfigId"])
    assert config["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    assert own("get_code_signing_config", CodeSigningConfigArn=arn)["CodeSigningConfig"] == config
    assert own("list_tags", Resource=arn)["Tags"] == {"a": "b"}
    assert own("list_code_signing_configs")["CodeSigningConfigs"] == [config]
    enforce = {"UntrustedArtifactOnDeployment": "Enforce"}
    updated = own("update_code_signing_config", CodeSigningConfigArn=arn, CodeSigningPolicies=enforce)
    assert updated["CodeSigningConfig"]["CodeSigningPolicies"] == enforce

    link = {"CodeSigningConfigArn": arn, "FunctionName": "f"}
    assert own("get_function_code_signing_config", FunctionName="f") == {"status": 200}
    assert own("put_function_code_signing_config", **link) == {**link, "status": 200}
    assert own("get_function_code_signing_config", FunctionName="f") == {**link, "status": 200}
    users = own("list_functions_by_code_signing_config", CodeSigningConfigArn=arn)["FunctionArns"]
    assert users == [own.arn("f")]
    assert own.failure("delete_code_signing_config", CodeSigningConfigArn=arn).status == 409
    for _ in range(2):
        assert own("delete_function_code_signing_config", FunctionName="f")["status"] == 204
    assert own("delete_code_signing_config", CodeSigningConfigArn=arn)["status"] == 204

    gone = missing(f"The Lambda code signing configuration {arn} can not be found.", None)
    for operation in ("get_code_signing_config", "update_code_signing_config", "delete_code_signing_config"):
        assert own.failure(operation, CodeSigningConfigArn=arn) == gone
    none = own.failure("put_function_code_signing_config", **{**link, "FunctionName": "none"})
    assert (none.status, none.code, none.message) == (
        404,
        "CodeSigningConfigNotFoundException",
        "The code signing configuration cannot be found."
        f" Check that the provided configuration is not deleted: {arn}.",
    )


def test_recursion(own: Lambda) -> None:
    assert own("get_function_recursion_config", FunctionName="f")["RecursiveLoop"] == "Terminate"
    assert (
        own("put_function_recursion_config", FunctionName="f", RecursiveLoop="Allow")["RecursiveLoop"]
        == "Allow"
    )
    assert own("get_function_recursion_config", FunctionName="f")["RecursiveLoop"] == "Allow"
    assert own.failure("put_function_recursion_config", FunctionName="f", RecursiveLoop="Maybe") == not_valid(
        "'Maybe'", "recursiveLoop", "Member must satisfy enum value set: [Terminate, Allow]"
    )
    assert own.failure("get_function_recursion_config", FunctionName="none") == missing(
        f"Function not found: {own.arn('none')}"
    )


def test_runtime_management(own: Lambda) -> None:
    latest = own.arn("f", "$LATEST")
    assert own("get_runtime_management_config", FunctionName="f") == {
        "status": 200,
        "UpdateRuntimeOn": "Auto",
        "FunctionArn": latest,
    }
    pinned = own("get_function_configuration", FunctionName="f")["RuntimeVersionConfig"]["RuntimeVersionArn"]
    manual = {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": pinned}
    assert own("put_runtime_management_config", FunctionName="f", **manual)["FunctionArn"] == latest
    shown = own("get_runtime_management_config", FunctionName="f")
    assert {member: shown[member] for member in manual} == manual
    assert own("get_runtime_management_config", FunctionName="f:1")["UpdateRuntimeOn"] == "Auto"
    refused = own.failure("put_runtime_management_config", FunctionName="f", UpdateRuntimeOn="Manual")
    assert refused.code == "InvalidParameterValueException"


def test_scaling_configs(own: Lambda) -> None:
    config = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 3}
    version = {"FunctionName": "f", "Qualifier": "1"}
    assert own("put_function_scaling_config", **version, FunctionScalingConfig=config) == {
        "status": 202,
        "FunctionState": "Active",
    }
    assert own("get_function_scaling_config", **version) == {
        "status": 200,
        "FunctionArn": own.arn("f", "1"),
        "RequestedFunctionScalingConfig": config,
    }
    upside_down = {"MinExecutionEnvironments": 4, "MaxExecutionEnvironments": 3}
    refused = own.failure("put_function_scaling_config", **version, FunctionScalingConfig=upside_down)
    assert refused.code == "InvalidParameterValueException"


def test_capacity_providers(own: Lambda) -> None:
    members: dict[str, Any] = {
        "CapacityProviderName": "pool",
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE},
    }
    created = own("create_capacity_provider", **members, Tags={"a": "b"})
    provider = created["CapacityProvider"]
    arn = f"arn:aws:lambda:us-east-1:{own.account}:capacity-provider:pool"
    assert (created["status"], provider["CapacityProviderArn"], provider["State"]) == (202, arn, "Pending")
    assert own.failure("create_capacity_provider", **members) == conflict(
        f"Capacity provider already exists: {arn}"
    )
    name = {"CapacityProviderName": "pool"}
    own.until(
        lambda: own("get_capacity_provider", **name)["CapacityProvider"],
        lambda shown: shown["State"] == "Active",
    )
    assert own("list_tags", Resource=arn)["Tags"] == {"a": "b"}
    assert [
        entry["CapacityProviderArn"] for entry in own("list_capacity_providers")["CapacityProviders"]
    ] == [arn]
    assert own("list_function_versions_by_capacity_provider", **name)["FunctionVersions"] == []
    assert own("delete_capacity_provider", **name)["CapacityProvider"]["State"] == "Deleting"
    own.until(lambda: own("list_capacity_providers"), lambda shown: shown["CapacityProviders"] == [])
    assert own.failure("get_capacity_provider", **name) == missing(f"Capacity provider not found: {arn}")


def test_durable_executions_are_said_not_to_run(own: Lambda) -> None:
    assert own("list_durable_executions_by_function", FunctionName="f")["DurableExecutions"] == []
    arn = own.arn("f", "1") + "/durable-execution/name/0123456789"
    failure = own.failure("get_durable_execution", DurableExecutionArn=arn)
    assert failure == Failure(
        404,
        "ResourceNotFoundException",
        f"Durable execution not found: {arn}. This engine cannot run durable executions.",
        "User",
    )
