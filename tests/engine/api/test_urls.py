"""Function URL configs."""

from __future__ import annotations

import re
from typing import Any

from tests.engine.api.aws import Lambda, conflict, invalid, missing, not_valid

CREATE, GET = "create_function_url_config", "get_function_url_config"
UPDATE, DELETE = "update_function_url_config", "delete_function_url_config"
NO_FUNCTION = missing("Function does not exist")
NOTHING = missing("The resource you requested does not exist.")


def test_the_mode_shows_when_it_was_given_or_when_read(own: Lambda) -> None:
    created = own(CREATE, FunctionName="f", AuthType="NONE")
    assert created.keys() == {"status", "FunctionUrl", "FunctionArn", "AuthType", "CreationTime"}
    assert (created["status"], created["FunctionArn"]) == (201, own.arn("f"))
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/lambda-url/[a-z0-9]{32}/", created["FunctionUrl"])
    read = own(GET, FunctionName="f")
    assert read["InvokeMode"] == "BUFFERED"
    assert read["LastModifiedTime"] == created["CreationTime"]
    cors = {"AllowOrigins": ["*"], "MaxAge": 5}
    updated = own(UPDATE, FunctionName="f", Cors=cors)
    assert "InvokeMode" not in updated
    assert (updated["Cors"], updated["AuthType"], updated["FunctionUrl"]) == (
        cors,
        "NONE",
        read["FunctionUrl"],
    )
    streaming = own(UPDATE, FunctionName="f", InvokeMode="RESPONSE_STREAM")
    assert streaming["InvokeMode"] == "RESPONSE_STREAM"
    assert own(UPDATE, FunctionName="f", AuthType="AWS_IAM")["Cors"] == cors
    assert own(GET, FunctionName="f")["InvokeMode"] == "RESPONSE_STREAM"


def test_a_function_and_its_aliases_have_urls_of_their_own(own: Lambda) -> None:
    own(CREATE, FunctionName="f", AuthType="NONE", Qualifier="live")
    own(CREATE, FunctionName="f", AuthType="NONE")
    listed = own("list_function_url_configs", FunctionName="f")["FunctionUrlConfigs"]
    assert [config["FunctionArn"] for config in listed] == [own.arn("f"), own.arn("f", "live")]
    assert own(DELETE, FunctionName="f")["status"] == 204
    assert own.failure(GET, FunctionName="f") == NOTHING
    assert own(GET, FunctionName="f:live")["FunctionArn"] == own.arn("f", "live")
    own("delete_alias", FunctionName="f", Name="live")
    assert own("list_function_url_configs", FunctionName="f")["FunctionUrlConfigs"] == []


def test_what_has_no_url(own: Lambda) -> None:
    auth: dict[str, Any] = {"AuthType": "NONE"}
    assert own.failure(CREATE, FunctionName="none", **auth) == NO_FUNCTION
    assert own.failure(CREATE, FunctionName="f", Qualifier="none", **auth) == NO_FUNCTION
    assert own.failure(UPDATE, FunctionName="none", **auth) == NO_FUNCTION
    assert own.failure("list_function_url_configs", FunctionName="none") == NO_FUNCTION
    for operation in (GET, DELETE):
        for name in ("none", "f", "f:none"):
            assert own.failure(operation, FunctionName=name) == NOTHING
    assert own.failure(UPDATE, FunctionName="f", **auth) == NOTHING
    own(CREATE, FunctionName="f", **auth)
    assert own.failure(CREATE, FunctionName="f", **auth) == conflict(
        f"Failed to create function url config for [functionArn = {own.arn('f')}]. Error message:  "
        "FunctionUrlConfig exists for this Lambda function"
    )
    for qualifier in ("1", "$LATEST"):
        assert own.failure(CREATE, FunctionName="f", Qualifier=qualifier, **auth) == not_valid(
            f"'{qualifier}'",
            "qualifier",
            r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)",
        )
    assert own.failure(CREATE, FunctionName="f:live", Qualifier="other", **auth) == invalid(
        "The derived qualifier from the function name does not match the specified qualifier."
    )
