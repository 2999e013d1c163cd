"""Settings, code, tags, limits, triggers and grants of a function: on the engine and on moto."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lambdatui.model import AsyncConfig, TargetKind
from lambdatui.model.settings import SETTINGS, Kind
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.cleanup import plan
from lambdatui.service.differences import unified
from lambdatui.service.packing import pack
from lambdatui.service.policies import audit
from tests.conftest import EngineProcess
from tests.service.conftest import ROLE

LOCAL_ROLE = "arn:aws:iam::000000000000:role/lambdatui"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


@pytest.fixture
async def local(engine: EngineProcess, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """The engine with a function named after the test."""
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    await service.functions.create(
        request.node.name[:60].replace("[", "-").replace("]", ""),
        runtime="python3.11",
        handler="handler.handler",
        code=zipped(handler__py="def handler(event, context):\n    return 1\n"),
        environment={"STAGE": "dev", "TOKEN": "s3cr\x1bet"},
        tags={"team": "pay"},
    )
    yield service
    await service.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)[:60].replace("[", "-").replace("]", "")


NARROWER = {"memory": 10240, "timeout": 900, "storage": 10240}
"""The most that a function may have; the model names the limits of managed instances."""


def test_the_limits_are_those_of_lambdas_own_model() -> None:
    import botocore.session

    model = botocore.session.Session().get_service_model("lambda")
    members = model.operation_model("UpdateFunctionConfiguration").input_shape.members
    for setting in SETTINGS:
        if setting.kind is Kind.SHOWN:
            continue
        top, _, inner = setting.member.partition(".")
        shape = members[top].members[inner] if inner else members[top]
        limits = shape.metadata
        if setting.kind is Kind.NUMBER:
            most = NARROWER.get(setting.key, limits["max"])
            assert most <= limits["max"], setting.key
            assert (setting.low, setting.high) == (limits["min"], most), setting.key
        elif setting.kind is Kind.CHOICE:
            assert sorted(each for each in setting.choices if each) == sorted(limits["enum"]), setting.key
        elif setting.kind is Kind.LIST:
            assert setting.pattern == shape.member.metadata["pattern"]
        else:
            assert setting.high == limits["max"], setting.key
            assert setting.pattern == limits.get("pattern", ""), setting.key


async def test_only_what_changed_is_changed_and_variables_are_merged(local: Service, name: str) -> None:
    before = await local.settings.get(name)
    assert before.values["memory"] == "128"
    assert before.values["log_group"] == f"/aws/lambda/{name}"
    after = await local.settings.change(
        name,
        {"memory": "512", "log_format": "JSON", "log_level": "DEBUG"},
        variables={"STAGE": None, "NEW": "1"},
        revision_id=before.revision_id,
    )
    assert after.version.last_update == "Successful"
    touched = {"memory", "log_format", "log_level", "system_level"}
    for key in before.values.keys() - touched:
        assert after.values[key] == before.values[key]
    assert (after.values["memory"], after.values["log_format"]) == ("512", "JSON")
    assert after.values["log_level"] == "DEBUG"
    raw = await local.settings._raw(name)
    assert raw["Environment"]["Variables"] == {"TOKEN": "s3cr\x1bet", "NEW": "1"}  # as it was, not as drawn


async def test_a_change_by_somebody_else_stops_ours_unless_forced(local: Service, name: str) -> None:
    seen = await local.settings.get(name)
    await local.settings.change(name, {"description": "theirs"})
    with pytest.raises(errors.Changed):
        await local.settings.change(name, {"memory": "256"}, revision_id=seen.revision_id)
    assert (await local.settings.get(name)).values["memory"] == "128"
    forced = await local.settings.change(name, {"memory": "256"})
    assert (forced.values["memory"], forced.values["description"]) == ("256", "theirs")


async def test_code_is_fetched_read_and_replaced(local: Service, name: str, tmp_path: Path) -> None:
    sizes: list[tuple[int, int]] = []
    package = await local.code.download(name, progress=lambda done, whole: sizes.append((done, whole)))
    assert sizes[-1][0] == sizes[-1][1] == package.size
    file = package.find("handler.py")
    assert file is not None
    assert package.read(file) == b"def handler(event, context):\n    return 1\n"
    package.save(tmp_path / "code.zip")
    with pytest.raises(FileExistsError):
        package.save(tmp_path / "code.zip")
    changed = package.replaced(file, b"def handler(event, context):\n    return 2\n")
    package.close()
    await local.settings.change(name, {"description": "theirs"})
    with pytest.raises(errors.Changed):
        await local.code.deploy(name, changed, revision_id=package.revision_id)
    await local.code.deploy(name, changed)
    assert (await local.invoker.invoke(name, b"{}")).text == "2"


async def test_a_changed_function_is_compared_with_its_version(local: Service, name: str) -> None:
    await local.versions.publish(name)
    same = await local.differences.between(name, "1", "$LATEST")
    assert same.nothing
    await local.settings.change(name, {"timeout": "9"}, variables={"STAGE": "prod"})
    await local.code.deploy(
        name, zipped(handler__py="def handler(event, context):\n    return 2\n", more__txt="x\n")
    )
    found = await local.differences.between(name, "1", "$LATEST")
    assert [(c.name, c.before, c.after) for c in found.settings] == [("Timeout", "3 s", "9 s")]
    assert [(c.name, c.before, c.after) for c in found.variables] == [("STAGE", "dev", "prod")]
    assert [(f.path, f.added, f.removed) for f in found.files] == [("handler.py", 1, 1), ("more.txt", 1, 0)]
    assert unified(found.files[0])[-2:] == ["-    return 1", "+    return 2"]


async def test_tags(local: Service, name: str) -> None:
    arn = (await local.functions.get(name)).arn
    await local.tags.put(arn, {"stage": "dev"})
    await local.tags.remove(arn, ["team"])
    assert await local.tags.of(arn) == {"stage": "dev"}


async def test_concurrency(local: Service, name: str) -> None:
    assert await local.concurrency.reserved(name) is None
    await local.concurrency.reserve(name, 5)
    assert await local.concurrency.reserved(name) == 5
    await local.versions.publish(name)
    await local.concurrency.provision(name, "1", 2)
    (kept,) = await local.concurrency.provisioned(name)
    assert (kept.qualifier, kept.requested) == ("1", 2)
    await local.concurrency.unprovision(name, "1")
    assert await local.concurrency.provisioned(name) == []
    await local.concurrency.unreserve(name)
    assert await local.concurrency.reserved(name) is None


async def test_asynchronous_events(local: Service, name: str) -> None:
    assert await local.async_configs.list(name) == []
    await local.async_configs.put(name, AsyncConfig("$LATEST", 1, 3600, on_failure=QUEUE))
    (found,) = await local.async_configs.list(name)
    assert (found.qualifier, found.retries, found.age_s, found.on_failure) == ("$LATEST", 1, 3600, QUEUE)
    await local.async_configs.remove(name, "$LATEST")
    assert await local.async_configs.list(name) == []


async def test_event_sources(local: Service, name: str) -> None:
    made = await local.sources.add(name, QUEUE, batch_size=5)
    (found,) = await local.sources.list(name)
    assert (found.id, found.source, found.batch_size) == (made.id, QUEUE, 5)


async def test_urls_and_the_two_grants(local: Service, name: str) -> None:
    made = await local.urls.create(name, auth="NONE")
    (url,) = await local.urls.list(name)
    assert (url.url, url.qualifier, url.auth) == (made.url, "", "NONE")
    missing = audit([url], await local.policies.all(name, ()))
    assert [grant.action for grant in missing] == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    for grant in missing:
        await local.policies.grant_url(name, grant)
    policy = await local.policies.get(name)
    assert audit([url], [policy]) == []
    assert [each.principals for each in policy.statements] == [("*",), ("*",)]
    await local.policies.drop(name, policy.statements[0].sid)
    assert [grant.action for grant in audit([url], [await local.policies.get(name)])] == [
        "lambda:InvokeFunctionUrl"
    ]
    assert (await local.urls.set_auth(name, "", "AWS_IAM")).auth == "AWS_IAM"
    await local.urls.remove(name)
    assert await local.urls.list(name) == []


async def test_old_versions_that_nobody_needs_can_go(local: Service, name: str) -> None:
    for memory in ("256", "512", "1024"):
        await local.settings.change(name, {"memory": memory})
        await local.versions.publish(name)
    await local.versions.put_alias(name, "prod", version="1")
    versions, aliases = await local.versions.list(name), await local.versions.aliases(name)
    found = plan(versions, aliases, 1)
    assert [version.number for version in found.going] == ["2"]
    assert found.aliased == ("1",)
    assert found.freed == versions[0].code_size
    assert plan(versions, aliases, 0, needed={"3"}).going == found.going


async def test_the_same_on_moto(aws: Service, code: bytes) -> None:
    await aws.functions.create(
        "checkout", runtime="python3.12", handler="handler.handler", code=code, role=ROLE,
        environment={"STAGE": "dev"},
    )  # fmt: skip
    after = await aws.settings.change("checkout", {"memory": "256"}, variables={"NEW": "1"})
    assert (after.values["memory"], dict(after.environment)) == ("256", {"STAGE": "dev", "NEW": "1"})
    function = await aws.functions.get("checkout")
    await aws.tags.put(function.arn, {"team": "pay"})
    assert await aws.tags.of(function.arn) == {"team": "pay"}
    await aws.concurrency.reserve("checkout", 5)
    assert await aws.concurrency.reserved("checkout") == 5
    await aws.policies.grant("checkout", "s3", principal="s3.amazonaws.com", source_arn="arn:aws:s3:::in")
    (statement,) = (await aws.policies.get("checkout")).statements
    assert statement.principals == ("s3.amazonaws.com",)
    assert statement.condition("aws:SourceArn") == "arn:aws:s3:::in"
    await aws.urls.create("checkout", auth="AWS_IAM")


def test_a_folder_is_packed_without_what_does_not_belong(tmp_path: Path) -> None:
    source = tmp_path / "function"
    (source / "lib").mkdir(parents=True)
    (source / "__pycache__").mkdir()
    (source / "handler.py").write_text("x")
    (source / "lib" / "tool.sh").write_text("#!/bin/sh")
    (source / "lib" / "tool.sh").chmod(0o755)
    (source / "__pycache__" / "handler.pyc").write_text("x")
    (tmp_path / "secret").write_text("outside")
    (source / "leak").symlink_to(tmp_path / "secret")
    archive = zipfile.ZipFile(io.BytesIO(pack(source)))
    assert archive.namelist() == ["handler.py", "lib/tool.sh"]
    assert [entry.external_attr >> 16 & 0o777 for entry in archive.infolist()] == [0o644, 0o755]
    assert pack(source) == pack(source)
    assert zipfile.ZipFile(io.BytesIO(pack(source, {"handler.py"}))).namelist() == ["lib/tool.sh"]
    with pytest.raises(errors.Invalid):
        pack(tmp_path / "nothing")


def test_a_folder_that_holds_too_much_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 251 * 1024**2)
    with pytest.raises(errors.TooLarge, match="holds more than the 250 MB"):
        pack(tmp_path)


def test_a_zip_goes_as_it_is_or_not_at_all(tmp_path: Path) -> None:
    good, damaged, text = (tmp_path / name for name in ("good.zip", "damaged.zip", "text.ZIP"))
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("handler.py", "x = 1")
    assert pack(good) == good.read_bytes()
    damaged.write_bytes(good.read_bytes().replace(b"x = 1", b"x = 2"))
    text.write_text("no zip at all")
    for broken, why in ((damaged, "is damaged: handler.py"), (text, "is not a zip that can be read")):
        with pytest.raises(errors.Invalid, match=why):
            pack(broken)
