"""What deletion takes away, and what it refuses to."""

from __future__ import annotations

from typing import Any

from tests.engine.api.aws import Failure, Lambda, invalid, missing

DELETIONS: list[tuple[dict[str, str], Failure | int]] = [
    ({"Qualifier": "$LATEST"}, invalid("$LATEST version cannot be deleted without deleting the function.")),
    ({"Qualifier": "live"}, invalid("Deletion of aliases is not currently supported.")),
    (
        {"Qualifier": "1"},
        Failure(
            409,
            "ResourceConflictException",
            "Unable to delete version because the following aliases reference it: [live]",
            "User",
        ),
    ),
    ({"Qualifier": "42"}, 204),
]


def test_what_deletion_refuses(own: Lambda) -> None:
    for members, expected in DELETIONS:
        if isinstance(expected, int):
            assert own("delete_function", FunctionName="f", **members)["status"] == expected
        else:
            assert own.failure("delete_function", FunctionName="f", **members) == expected
    gone = missing(f"Function not found: {own.arn('none')}")
    assert own.failure("delete_function", FunctionName="none", Qualifier="1") == gone
    own("delete_alias", FunctionName="f", Name="live")
    assert own("delete_function", FunctionName="f", Qualifier="1")["status"] == 204
    assert own.failure("get_function", FunctionName="f:1") == missing(
        f"Function not found: {own.arn('f', '1')}"
    )


def test_a_deleted_function_leaves_nothing_to_its_successor(own: Lambda) -> None:
    of_f: dict[str, Any] = {"FunctionName": "f"}
    own("create_function_url_config", AuthType="NONE", **of_f)
    own("put_function_event_invoke_config", MaximumRetryAttempts=0, **of_f)
    own("put_function_concurrency", ReservedConcurrentExecutions=1, **of_f)
    own("add_permission", StatementId="s", Action="lambda:InvokeFunction", Principal="*", **of_f)
    own("tag_resource", Resource=own.arn("f"), Tags={"a": "b"})
    own("delete_function", **of_f)
    own.function("f")
    shown = own("get_function", **of_f)
    assert not {"Tags", "Concurrency"} & shown.keys()
    assert own("list_aliases", **of_f)["Aliases"] == []
    assert len(own("list_versions_by_function", **of_f)["Versions"]) == 1
    for operation in ("get_function_url_config", "get_function_event_invoke_config", "get_policy"):
        assert own.failure(operation, **of_f).code == "ResourceNotFoundException"
    assert own("publish_version", **of_f)["Version"] == "1"
