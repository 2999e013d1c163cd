"""Functions, versions and aliases through AWS's API."""

from __future__ import annotations

import pytest

from lambdatui.model import FunctionState
from lambdatui.service import Service, errors
from tests.service.conftest import ROLE


async def make(service: Service, name: str, code: bytes, **more: object) -> None:
    await service.functions.create(
        name,
        runtime="python3.12",
        handler="handler.handler",
        code=code,
        role=ROLE,
        **more,  # type: ignore[arg-type]
    )


async def test_identity(aws: Service) -> None:
    assert aws.target.account == "123456789012"
    assert aws.target.region == "eu-west-1"
    assert aws.target.endpoint
    assert aws.engine is None


async def test_every_page_is_listed(aws: Service, code: bytes) -> None:
    names = [f"function-{number:03}" for number in range(60)]
    client = await aws._connection.client("lambda")
    for name in names:
        await client.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler="handler.handler",
            Code={"ZipFile": code},
        )
    listed = [function.name async for page in aws.functions.pages() for function in page]
    assert sorted(listed) == names


async def test_a_function_is_made_looked_at_and_deleted(aws: Service, code: bytes) -> None:
    await make(
        aws, "checkout", code, memory_mb=256, timeout_s=30, environment={"A": "b"}, tags={"team": "pay"}
    )
    function = await aws.functions.get("checkout")
    latest = function.latest
    assert (latest.memory_mb, latest.timeout_s, latest.runtime) == (256, 30, "python3.12")
    assert latest.environment == {"A": "b"}
    assert latest.state is FunctionState.ACTIVE
    assert latest.code_size == len(code)
    assert latest.log_group == "/aws/lambda/checkout"
    assert function.tags == {"team": "pay"}
    await aws.functions.delete("checkout")
    with pytest.raises(errors.NotFound) as caught:
        await aws.functions.get("checkout")
    assert "checkout" in caught.value.sentence
    assert caught.value.code == "ResourceNotFoundException"


async def test_states_leave_out_what_is_gone(aws: Service, code: bytes) -> None:
    await make(aws, "one", code)
    await make(aws, "two", code)
    states = await aws.functions.states(["one", "gone", "two"])
    assert set(states) == {"one", "two"}
    assert states["one"].latest.state is FunctionState.ACTIVE


async def test_a_second_function_of_a_name_is_a_conflict(aws: Service, code: bytes) -> None:
    await make(aws, "one", code)
    with pytest.raises(errors.Conflict):
        await make(aws, "one", code)


async def test_aws_wants_a_role(aws: Service, code: bytes) -> None:
    with pytest.raises(errors.Invalid, match="role"):
        await aws.functions.create("one", runtime="python3.12", handler="handler.handler", code=code)


async def test_what_botocore_refuses_is_said_in_words(aws: Service) -> None:
    with pytest.raises(errors.Invalid, match="FunctionName"):
        await aws.functions.get("")


async def test_versions_newest_first(aws: Service, code: bytes) -> None:
    await make(aws, "checkout", code)
    client = await aws._connection.client("lambda")
    for number in range(1, 13):
        await client.update_function_configuration(FunctionName="checkout", Timeout=number)
        version = await aws.versions.publish("checkout", description=f"number {number}")
        assert version.number == str(number)
    numbers = [version.number for version in await aws.versions.list("checkout")]
    assert numbers == ["$LATEST", *(str(number) for number in range(12, 0, -1))]
    await aws.versions.delete("checkout", "12")
    assert len(await aws.versions.list("checkout")) == 12


async def test_an_alias_is_made_moved_shared_and_deleted(aws: Service, code: bytes) -> None:
    await make(aws, "checkout", code)
    await aws.versions.publish("checkout")
    client = await aws._connection.client("lambda")
    await client.update_function_configuration(FunctionName="checkout", Timeout=9)
    await aws.versions.publish("checkout")

    made = await aws.versions.put_alias("checkout", "prod", version="1", description="live")
    assert (made.version, made.description, made.routing) == ("1", "live", {})
    moved = await aws.versions.put_alias("checkout", "prod", version="2", routing={"1": 0.25})
    assert moved.weights == (("2", 0.75), ("1", 0.25))
    assert await aws.versions.aliases("checkout") == [moved]
    await aws.versions.delete_alias("checkout", "prod")
    assert await aws.versions.aliases("checkout") == []


async def test_an_operation_that_the_endpoint_lacks(aws: Service) -> None:
    with pytest.raises(errors.Unsupported, match="does not offer GetAccountSettings"):
        await aws.functions.account()
