"""Several clients at once, SDK waiters, and what a restart finishes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.conftest import EngineProcess
from tests.engine.api.aws import NEW, ROLE, Lambda, zipped

CLIENTS = 12


def together(calls: list[Callable[[], Any]]) -> list[str]:
    """Run calls side by side; each one's success or the code of its error."""

    def one(call: Callable[[], Any]) -> str:
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, calls))


def test_only_one_of_many_changes_what_all_have_seen(own: Lambda) -> None:
    revision = own("get_alias", FunctionName="f", Name="live")["RevisionId"]
    guarded = {"FunctionName": "f", "Name": "live", "RevisionId": revision}
    outcomes = together(
        [partial(own, "update_alias", Description=f"by {n}", **guarded) for n in range(CLIENTS)]
    )
    assert sorted(outcomes) == ["PreconditionFailedException"] * (CLIENTS - 1) + ["ok"]
    winner = outcomes.index("ok")
    assert own("get_alias", FunctionName="f", Name="live")["Description"] == f"by {winner}"


def test_only_one_of_many_creates_or_publishes(aws: Lambda) -> None:
    created = together([lambda: aws("create_function", FunctionName="f", **NEW) for _ in range(CLIENTS)])
    assert sorted(created) == ["ResourceConflictException"] * (CLIENTS - 1) + ["ok"]
    aws.settled("f")
    together([lambda: aws("publish_version", FunctionName="f") for _ in range(CLIENTS)])
    listed = aws("list_versions_by_function", FunctionName="f")["Versions"]
    assert [version["Version"] for version in listed] == ["$LATEST", "1"]
    updates = together(
        [lambda: aws("update_function_code", FunctionName="f", ZipFile=zipped("x")) for _ in range(CLIENTS)]
    )
    assert updates.count("ok") == 1


def test_the_sdk_waiters_come_to_an_end(aws: Lambda) -> None:
    patience = {"Delay": 1, "MaxAttempts": 10}
    aws("create_function", FunctionName="f", **NEW)
    for waiter in ("function_exists", "function_active", "function_active_v2"):
        aws.client.get_waiter(waiter).wait(FunctionName="f", WaiterConfig=patience)
    aws("update_function_code", FunctionName="f", ZipFile=zipped("x"))
    for waiter in ("function_updated", "function_updated_v2"):
        aws.client.get_waiter(waiter).wait(FunctionName="f", WaiterConfig=patience)
    aws("publish_version", FunctionName="f")
    aws.client.get_waiter("published_version_active").wait(
        FunctionName="f", Qualifier="1", WaiterConfig=patience
    )


def test_a_restart_finishes_what_was_under_way(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    first = fresh_engine("--settle", "60", data_dir=folder)
    aws = Lambda(first.client("lambda"), "000000000000")
    aws("create_function", FunctionName="f", Publish=True, **NEW)
    queue = "arn:aws:sqs:us-east-1:000000000000:queue"
    coming = aws("create_event_source_mapping", FunctionName="f", EventSourceArn=queue)["UUID"]
    leaving = aws("create_event_source_mapping", FunctionName="f", EventSourceArn=f"{queue}2")["UUID"]
    aws("delete_event_source_mapping", UUID=leaving)
    aws(
        "put_provisioned_concurrency_config",
        FunctionName="f",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1,
    )
    aws(
        "create_capacity_provider",
        CapacityProviderName="pool",
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
    )
    first.process.kill()

    again = Lambda(fresh_engine(data_dir=folder).client("lambda"), "000000000000")
    again.settled("f")
    again.settled("f:1")
    again.until(
        lambda: again("get_event_source_mapping", UUID=coming), lambda shown: shown["State"] == "Enabled"
    )
    again.until(
        lambda: again("list_event_source_mappings"), lambda shown: len(shown["EventSourceMappings"]) == 1
    )
    again.until(
        lambda: again("get_provisioned_concurrency_config", FunctionName="f", Qualifier="1"),
        lambda shown: shown["Status"] != "IN_PROGRESS",
    )
    again.until(
        lambda: again("get_capacity_provider", CapacityProviderName="pool")["CapacityProvider"],
        lambda shown: shown["State"] == "Active",
    )


def test_killing_the_engine_loses_nothing_that_was_answered(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    first = fresh_engine(data_dir=folder)
    aws = Lambda(first.client("lambda", max_pool_connections=4), "000000000000")
    aws.function("f")
    answered: list[str] = []

    def create(worker: int) -> None:
        for number in range(10_000):
            name = f"a{worker}-{number}"
            try:
                aws("create_alias", FunctionName="f", Name=name, FunctionVersion="$LATEST")
            except (BotoCoreError, ClientError):
                return
            answered.append(name)
            if len(answered) >= 150:
                first.process.kill()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(create, range(4)))
    assert len(answered) >= 150

    again = Lambda(fresh_engine(data_dir=folder).client("lambda"), "000000000000")
    pages = again.client.get_paginator("list_aliases").paginate(FunctionName="f")
    found = {alias["Name"] for page in pages for alias in page["Aliases"]}
    assert set(answered) <= found
    assert len(found) <= len(answered) + 4  # at most what was under way
