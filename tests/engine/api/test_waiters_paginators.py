"""Every waiter and every paginator that SDKs have for Lambda."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.waiter import WaiterModel

from tests.engine.api.aws import NEW, ROLE, Lambda, zipped

_SESSION = botocore.session.Session()
WAITERS: WaiterModel = _SESSION.get_waiter_model("lambda")
PAGINATORS = sorted(_SESSION.get_paginator_model("lambda")._paginator_config)
PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/1"
SOON = {"Delay": 0, "MaxAttempts": 2000}
THREE = range(3)
Made = tuple[dict[str, Any], list[Any]]


@pytest.mark.parametrize("waiter", WAITERS.waiter_names)
@pytest.mark.parametrize("change", ["create_function", "update_function_code"])
def test_waiters_end_when_the_state_is_there(aws: Lambda, waiter: str, change: str) -> None:
    if change == "create_function":
        aws("create_function", FunctionName="f", **NEW)
    else:
        aws.function("f")
        aws("update_function_code", FunctionName="f", ZipFile=zipped("x = 1"))
    method = botocore.xform_name(waiter)
    aws.client.get_waiter(method).wait(FunctionName="f", WaiterConfig=SOON)
    shown = aws("get_function_configuration", FunctionName="f")
    if "exists" not in method:
        assert shown["State"] == "Active"
    if "updated" in method and change != "create_function":
        assert shown["LastUpdateStatus"] == "Successful"


def _functions(aws: Lambda) -> Made:
    names = [f"f{number}" for number in THREE]
    for name in names:
        aws("create_function", FunctionName=name, **NEW)
    return {}, names


def _versions(aws: Lambda) -> Made:
    aws.function("f")
    for number in THREE:
        aws("update_function_configuration", FunctionName="f", Timeout=number + 1)
        aws.settled("f")
        aws("publish_version", FunctionName="f")
    return {"FunctionName": "f"}, ["$LATEST", "1", "2", "3"]


def _aliases(aws: Lambda) -> Made:
    aws.function("f", Publish=True)
    for number in THREE:
        aws("create_alias", FunctionName="f", Name=f"a{number}", FunctionVersion="1")
    return {"FunctionName": "f"}, ["a0", "a1", "a2"]


def _mappings(aws: Lambda) -> Made:
    aws.function("f")
    made = [
        aws(
            "create_event_source_mapping",
            FunctionName="f",
            EventSourceArn=f"arn:aws:sqs:us-east-1:{aws.account}:q{number}",
            Enabled=False,
        )["UUID"]
        for number in THREE
    ]
    return {}, sorted(made)


def _layers(aws: Lambda) -> Made:
    for number in THREE:
        aws("publish_layer_version", LayerName=f"l{number}", Content={"ZipFile": zipped()})
    return {}, ["l0", "l1", "l2"]


def _layer_versions(aws: Lambda) -> Made:
    for _ in THREE:
        aws("publish_layer_version", LayerName="l", Content={"ZipFile": zipped()})
    return {"LayerName": "l"}, [3, 2, 1]


def _event_invoke_configs(aws: Lambda) -> Made:
    _aliases(aws)
    for qualifier in ("$LATEST", "1", "a0"):
        aws(
            "put_function_event_invoke_config",
            FunctionName="f",
            Qualifier=qualifier,
            MaximumRetryAttempts=0,
        )
    return {"FunctionName": "f"}, [aws.arn("f", qualifier) for qualifier in ("$LATEST", "1", "a0")]


def _provisioned(aws: Lambda) -> Made:
    key, _ = _versions(aws)
    for number in ("1", "2", "3"):
        aws(
            "put_provisioned_concurrency_config",
            FunctionName="f",
            Qualifier=number,
            ProvisionedConcurrentExecutions=1,
        )
    return key, [aws.arn("f", number) for number in ("1", "2", "3")]


def _urls(aws: Lambda) -> Made:
    _aliases(aws)
    aws("create_function_url_config", FunctionName="f", AuthType="NONE")
    for alias in ("a0", "a1"):
        aws("create_function_url_config", FunctionName="f", AuthType="NONE", Qualifier=alias)
    return {"FunctionName": "f"}, [aws.arn("f"), aws.arn("f", "a0"), aws.arn("f", "a1")]


def _signing(aws: Lambda) -> Made:
    publishers = {"SigningProfileVersionArns": [PROFILE]}
    made = [aws("create_code_signing_config", AllowedPublishers=publishers) for _ in THREE]
    return {}, sorted(one["CodeSigningConfig"]["CodeSigningConfigArn"] for one in made)


def _signed(aws: Lambda) -> Made:
    arn = _signing(aws)[1][0]
    _functions(aws)
    for number in THREE:
        aws("put_function_code_signing_config", FunctionName=f"f{number}", CodeSigningConfigArn=arn)
    return {"CodeSigningConfigArn": arn}, [aws.arn(f"f{number}") for number in THREE]


def _providers(aws: Lambda) -> Made:
    for number in THREE:
        aws(
            "create_capacity_provider",
            CapacityProviderName=f"p{number}",
            VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        )
    prefix = f"arn:aws:lambda:us-east-1:{aws.account}:capacity-provider"
    return {}, [f"{prefix}:p{number}" for number in THREE]


def _provided(aws: Lambda) -> Made:
    arn = _providers(aws)[1][0]
    inner = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn}}
    for name in ("f0", "f1", "f2"):
        aws("create_function", FunctionName=name, CapacityProviderConfig=inner, **NEW)
    found = [aws.arn(name, "$LATEST") for name in ("f0", "f1", "f2")]
    return {"CapacityProviderName": "p0"}, found


# By paginator: what there is to list, how it is asked for and what tells the items apart.
LISTS: dict[str, tuple[Callable[[Lambda], Made], str]] = {
    "ListFunctions": (_functions, "FunctionName"),
    "ListVersionsByFunction": (_versions, "Version"),
    "ListAliases": (_aliases, "Name"),
    "ListEventSourceMappings": (_mappings, "UUID"),
    "ListLayers": (_layers, "LayerName"),
    "ListLayerVersions": (_layer_versions, "Version"),
    "ListFunctionEventInvokeConfigs": (_event_invoke_configs, "FunctionArn"),
    "ListProvisionedConcurrencyConfigs": (_provisioned, "FunctionArn"),
    "ListFunctionUrlConfigs": (_urls, "FunctionArn"),
    "ListCodeSigningConfigs": (_signing, "CodeSigningConfigArn"),
    "ListFunctionsByCodeSigningConfig": (_signed, ""),
    "ListCapacityProviders": (_providers, "CapacityProviderArn"),
    "ListFunctionVersionsByCapacityProvider": (_provided, "FunctionArn"),
}
# Durable executions are not run here: functions list none, and there is no other to page through.
DURABLE = {"ListDurableExecutionsByFunction", "GetDurableExecutionHistory", "GetDurableExecutionState"}


@pytest.mark.parametrize("name", sorted(LISTS))
@pytest.mark.parametrize("size", [1, 2, 50])
def test_paginators_bring_everything_once(aws: Lambda, name: str, size: int) -> None:
    make, member = LISTS[name]
    request, expected = make(aws)
    paginator = aws.client.get_paginator(botocore.xform_name(name))
    pages = list(paginator.paginate(**request, PaginationConfig={"PageSize": size}))
    (key,) = (expression.expression for expression in paginator.result_keys)
    items = [item for page in pages for item in page[key]]
    assert [item[member] if member else item for item in items] == expected
    assert all(len(page[key]) <= size for page in pages)
    assert len(pages) == max(1, -(-len(expected) // size))


@pytest.mark.parametrize(
    ("call", "more", "key"),
    [
        ("list_functions", {}, ["f"]),
        ("list_functions", {}, 1),
        ("list_functions", {"FunctionVersion": "ALL"}, ["f", 2**64 - 1]),
        ("list_aliases", {"FunctionName": "f"}, ["a"]),
        ("list_versions_by_function", {"FunctionName": "f"}, 2**64 - 1),
        ("list_code_signing_configs", {}, ["a"]),
        ("list_layers", {}, [[], 0]),
    ],
)
def test_markers_that_no_page_gave_are_refused(
    aws: Lambda, call: str, more: dict[str, Any], key: Any
) -> None:
    aws.function("f")
    marker = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    with pytest.raises(ClientError, match=r"InvalidParameterValueException.*marker is not valid"):
        aws(call, Marker=marker, **more)


def test_durable_executions_have_nothing_to_page_through(aws: Lambda) -> None:
    aws.function("f")
    pages = list(aws.client.get_paginator("list_durable_executions_by_function").paginate(FunctionName="f"))
    assert [page["DurableExecutions"] for page in pages] == [[]]
    arn = f"{aws.arn('f', '1')}/durable-execution/one/11111111-2222-3333-4444-555555555555"
    for name, more in (
        ("get_durable_execution_history", {}),
        ("get_durable_execution_state", {"CheckpointToken": "dG9rZW4="}),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            list(aws.client.get_paginator(name).paginate(DurableExecutionArn=arn, **more))


def test_no_paginator_was_left_out() -> None:
    assert set(PAGINATORS) == set(LISTS) | DURABLE
