"""Reserved and provisioned concurrency."""

from __future__ import annotations

from tests.engine.api.aws import Failure, Lambda, conflict, invalid, missing

FUNCTIONS_ONLY = invalid(
    "This operation is permitted on Lambda functions only. Aliases and versions do not support"
    " this operation."
    " Please specify either a function name or an unqualified function ARN."
)


def test_reserving_shows_everywhere_and_ends(own: Lambda) -> None:
    assert own("get_function_concurrency", FunctionName="f") == {"status": 200}
    assert own("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=7) == {
        "status": 200,
        "ReservedConcurrentExecutions": 7,
    }
    assert own("get_function", FunctionName="f")["Concurrency"] == {"ReservedConcurrentExecutions": 7}
    assert own("get_account_settings")["AccountLimit"]["UnreservedConcurrentExecutions"] == 993
    assert own("delete_function_concurrency", FunctionName="f")["status"] == 204
    assert "Concurrency" not in own("get_function", FunctionName="f")


def test_what_cannot_be_reserved(own: Lambda) -> None:
    least = invalid(
        "Specified ReservedConcurrentExecutions for function decreases account's"
        " UnreservedConcurrentExecution"
        " below its minimum value of [100].",
        None,
    )
    put = "put_function_concurrency"
    assert own.failure(put, FunctionName="f", ReservedConcurrentExecutions=901) == least
    own(put, FunctionName="f", ReservedConcurrentExecutions=900)
    assert own.failure(put, FunctionName="g", ReservedConcurrentExecutions=1) == least
    assert own(put, FunctionName="g", ReservedConcurrentExecutions=0)["status"] == 200
    assert own.failure(put, FunctionName="f:live", ReservedConcurrentExecutions=1) == FUNCTIONS_ONLY
    assert own.failure(put, FunctionName="none", ReservedConcurrentExecutions=1) == missing(
        f"Function not found: {own.arn('none')}:$LATEST"
    )
    assert own.failure("get_function_concurrency", FunctionName="none") == missing(
        f"Function not found: {own.arn('none')}"
    )


def provision(own: Lambda, qualifier: str, count: int, name: str = "f") -> dict[str, object]:
    return own(
        "put_provisioned_concurrency_config",
        FunctionName=name,
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )


def refused(own: Lambda, qualifier: str, count: int, name: str = "f") -> Failure:
    return own.failure(
        "put_provisioned_concurrency_config",
        FunctionName=name,
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )


def test_provisioning_begins_in_progress(own: Lambda) -> None:
    begun = provision(own, "live", 2)
    begun.pop("LastModified")
    assert begun == {
        "status": 202,
        "RequestedProvisionedConcurrentExecutions": 2,
        "AvailableProvisionedConcurrentExecutions": 0,
        "AllocatedProvisionedConcurrentExecutions": 0,
        "Status": "IN_PROGRESS",
    }
    (listed,) = own("list_provisioned_concurrency_configs", FunctionName="f")["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"] == own.arn("f", "live")
    of_live = {"FunctionName": "f", "Qualifier": "live"}
    assert own("delete_provisioned_concurrency_config", **of_live)["status"] == 204
    assert own("delete_provisioned_concurrency_config", **of_live)["status"] == 204
    assert own.failure("get_provisioned_concurrency_config", **of_live) == Failure(
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
        "User",
    )


def test_a_version_and_its_alias_exclude_each_other(own: Lambda) -> None:
    provision(own, "live", 1)
    assert refused(own, "1", 1) == conflict("Version is pointed by a Provisioned Concurrency alias")
    own("delete_provisioned_concurrency_config", FunctionName="f", Qualifier="live")
    provision(own, "1", 1)
    assert refused(own, "live", 1) == conflict(
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    )


def test_what_cannot_be_provisioned(own: Lambda) -> None:
    assert refused(own, "$LATEST", 1) == invalid(
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    )
    latest = {"FunctionName": "f", "Qualifier": "$LATEST"}
    unpublished = invalid("The function resource provided must be an alias or a published version.")
    assert own.failure("get_provisioned_concurrency_config", **latest) == unpublished
    assert own.failure("delete_provisioned_concurrency_config", **latest) == unpublished
    assert refused(own, "9", 1) == missing(f"Function not found: {own.arn('f', '9')}")
    assert refused(own, "9", 1, "none") == missing(f"Function not found: {own.arn('none', '9')}")
    assert refused(own, "none", 1) == missing(f"Cannot find alias arn: {own.arn('f', 'none')}")
    assert refused(own, "live", 1001) == invalid(
        "Specified ConcurrentExecutions for function is greater than account's unreserved"
        " concurrency [1000].",
        None,
    )
    assert refused(own, "live", 901) == invalid(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below"
        " its minimum value of [100].",
        None,
    )


def test_reserved_and_provisioned_limit_each_other(own: Lambda) -> None:
    own("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=3)
    assert refused(own, "live", 4) == invalid(
        "Requested Provisioned Concurrency should not be greater than the"
        " reservedConcurrentExecution for function"
    )
    provision(own, "live", 3)
    assert own.failure(
        "put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=2
    ) == invalid(
        " ReservedConcurrentExecutions  2 should not be lower than function's total provisioned"
        " concurrency [3].",
        None,
    )


def test_a_moved_alias_begins_anew_and_a_deleted_one_takes_its_config(own: Lambda) -> None:
    own("update_function_configuration", FunctionName="f", Timeout=9)
    own.settled("f")
    own("publish_version", FunctionName="f")
    provision(own, "live", 1)
    of_live = {"FunctionName": "f", "Qualifier": "live"}
    own.until(
        lambda: own("get_provisioned_concurrency_config", **of_live),
        lambda shown: shown["Status"] != "IN_PROGRESS",
    )
    own("update_alias", FunctionName="f", Name="live", FunctionVersion="2")
    assert own("get_provisioned_concurrency_config", **of_live)["Status"] == "IN_PROGRESS"
    own("delete_alias", FunctionName="f", Name="live")
    assert (
        own("list_provisioned_concurrency_configs", FunctionName="f")["ProvisionedConcurrencyConfigs"] == []
    )
