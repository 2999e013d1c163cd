"""A new function: the form, what it checks, what it says."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from lambdatui.dashboard.create.form import Form
from lambdatui.model import Function
from lambdatui.service.creation import Creation, NewFunction, Say, Source, _packed, templates
from lambdatui.service.errors import Conflict, Invalid, ServiceError, TooLarge
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import FakeService, shop

TODAY = date(2026, 11, 21)


class FakeCreation(Creation):
    """Makes functions of the fake account."""

    def __init__(self, service: FakeService, *, local: bool = True) -> None:
        self._service = service
        self._account = service.target.account
        self.local = local

    async def roles(self) -> list[str]:
        return ["arn:aws:iam::000000000000:role/orders", "arn:aws:iam::000000000000:role/reports"]

    async def create(self, new: NewFunction, *, say: Say = lambda step: None) -> Function:
        await self._service.gates.pass_through("create", new)
        made = version(new.name, runtime=new.runtime, memory_mb=new.memory_mb, timeout_s=new.timeout_s)
        return self._service.store.add(made)


def workshop() -> FakeService:
    service = shop()
    service.creation = FakeCreation(service)  # type: ignore[attr-defined]
    return service


def filled(**texts: str) -> Form:
    made = Form({"checkout"}, templates(), TODAY)
    for name, text in texts.items():
        made.put(name, text)
    return made


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("name", "", "needs a name"),
        ("name", "a b", "letters, digits, - and _ only"),
        ("name", "x" * 65, "65 of 64 characters"),
        ("name", "checkout", "there is one of that name"),
        ("source", "disk", "one of template, folder, zip, image, S3"),
        ("origin", "nothing", "there is no such template"),
        ("runtime", "python3.7", "no new functions since 2024-01-09"),
        ("runtime", "cobol", "not one that Lambda has"),
        ("memory", "64", "128 to 10240 MB"),
        ("timeout", "901", "1 to 900 s"),
        ("architecture", "mips", "x86_64 or arm64"),
        ("role", "me", "not the ARN of a role"),
    ],
)
def test_every_field_says_what_is_wrong_with_it(field: str, text: str, problem: str) -> None:
    assert filled(**{field: text}).problem(field) == problem


def test_a_template_fills_in_what_it_knows_and_an_image_needs_no_runtime() -> None:
    made = filled(name="greeter", origin="hello-ruby")
    assert (made.texts["runtime"], made.texts["handler"]) == ("ruby3.4", "function.handler")
    assert made.first_problem == ""
    made.put("source", "image")
    assert "runtime" not in made.fields
    assert made.problem("origin") == "the URI of an image"


HERE = [
    "oci:/srv/my layout:v1",
    "oci:/srv/layout",
    "oci-archive:/srv/image.tar",
    "docker-archive:/srv/image.tar:shop_1",
    "localhost:5000/shop/checkout:v1",
    "127.0.0.1:5000/shop@sha256:" + "0a" * 32,
]
"""Images that an engine of this machine reads."""


@pytest.mark.parametrize("uri", HERE)
def test_an_image_of_this_machine_is_for_an_engine_of_this_machine(uri: str) -> None:
    made = filled(source="image", origin=uri)
    assert made.problem("origin") == ""
    made.local = False
    assert made.problem("origin") == "the URI of an image"


@pytest.mark.parametrize("uri", ["", "oci:/a:b:c", "localhost:99999x/shop", "ftp:/srv/layout", "two words"])
def test_what_names_no_image_is_said(uri: str) -> None:
    assert filled(source="image", origin=uri).problem("origin") == "the URI of an image"


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize(
    "uri", ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1", "shop@sha256:" + "0a" * 32]
)
def test_an_image_of_a_registry_of_aws_is_one_everywhere(uri: str, local: bool) -> None:
    made = filled(source="image", origin=uri)
    made.local = local
    assert made.problem("origin") == ""


async def test_how_an_image_is_named_depends_on_where_it_runs() -> None:
    for local, hint in ((True, "oci:/FOLDER:TAG"), (False, "account.dkr.ecr.region")):
        service = shop()
        service.creation = FakeCreation(service, local=local)  # type: ignore[attr-defined]
        async with opened(service, SIZES["80x24"]) as ui:
            await ui.press("ctrl+n", *"greeter", "tab", *["down"] * 3, "tab")
            ui.sees(hint, "the URI of an image")


def test_there_is_a_template_for_python_node_and_ruby() -> None:
    assert {each.runtime.rstrip("0123456789.x") for each in templates()} == {"python", "nodejs", "ruby"}


def test_what_is_no_package_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    (tmp_path / "folder").mkdir()

    def packed(source: Source, name: str) -> bytes:
        return _packed(NewFunction("x", source, str(tmp_path / name)))

    for source, name, said in (
        (Source.ZIP, "bad.zip", "is not a zip that can be read"),
        (Source.ZIP, "folder", "is a folder"),
        (Source.FOLDER, "gone", "There is nothing at"),
        (Source.FOLDER, "folder", "has no files"),
    ):
        with pytest.raises(ServiceError, match=said):
            packed(source, name)
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("handler.py", "pass")
    assert packed(Source.ZIP, "good.zip") == (tmp_path / "good.zip").read_bytes()


async def test_a_function_from_a_template_is_made_and_chosen() -> None:
    service = workshop()
    async with opened(service, SIZES["80x24"]) as ui:
        await ui.press("ctrl+n")
        ui.sees("New function", "needs a name", "Greets you by name")
        await ui.type("greeter")
        await ui.press("tab", "tab", "down", "enter")
        made = service.gates.made("create")[0][0]
        assert isinstance(made, NewFunction)
        assert (made.name, made.source, made.origin) == ("greeter", Source.TEMPLATE, "hungry")
        assert made.memory_mb == 256
        assert ui.main.function_name == "greeter"


async def test_up_takes_the_choice_before() -> None:
    service = workshop()
    async with opened(service, SIZES["80x24"]) as ui:
        await ui.press("ctrl+n", *"greeter", "tab", "tab", "down", "up")
        ui.sees("Greets you by name")
        await ui.press("down", "down", "up", "enter")
        made = service.gates.made("create")[0][0]
        assert isinstance(made, NewFunction)
        assert made.origin == "hungry"


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("image", "oci-layout/shop:latest"),
        ("S3", "s3://builds/checkout.zip"),
        ("folder", "."),
        ("zip", "a.zip"),
    ],
)
async def test_every_source_of_code_is_filled_in_by_keys(
    source: str, origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.zip").touch()
    service = workshop()
    async with opened(service) as ui:
        await ui.press("ctrl+n", *"greeter", "tab")
        await ui.press(*["down"] * [one.value for one in Source].index(Source(source)), "tab")
        await ui.type(origin)
        await ui.press("enter")
        made = service.gates.made("create")[0][0]
        assert isinstance(made, NewFunction)
        assert (made.name, made.source, made.origin) == ("greeter", Source(source), origin)


async def test_what_was_typed_stays_when_lambda_refuses_and_when_the_form_is_left() -> None:
    service = workshop()
    service.gates.fail("create", Conflict("There is a function greeter already."))
    async with opened(service) as ui:
        await ui.press("ctrl+n")
        await ui.type("greeter")
        await ui.press("enter")
        ui.sees("There is a function greeter already.", "greeter")
        await ui.press("escape", "ctrl+n")
        ui.sees("greeter")


async def test_the_first_wrong_field_gets_the_cursor_and_nothing_is_sent() -> None:
    service = workshop()
    async with opened(service) as ui:
        await ui.press("ctrl+n", "enter")
        ui.sees("Name: needs a name.")
        await ui.type("checkout")
        ui.sees("there is one of that name")
        await ui.press("enter")
        assert service.gates.made("create") == []


async def test_roles_are_chosen_with_the_arrows() -> None:
    async with opened(workshop()) as ui:
        await ui.press("ctrl+n", *["tab"] * 8, "down")
        ui.sees("role/orders")
        await ui.press("down")
        ui.sees("role/reports")


async def test_a_package_over_the_limit_says_where_it_could_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdatui.service.creation.ZIP_LIMIT", 10)
    creation = Creation(None, None, local=True, account="000000000000")  # type: ignore[arg-type]
    with pytest.raises(TooLarge, match="put bigger ones into S3"):
        await creation.create(NewFunction("x", Source.TEMPLATE, "hello"))
    with pytest.raises(Invalid, match="no template nothing"):
        await creation.create(NewFunction("x", Source.TEMPLATE, "nothing"))
