"""What a tier does not hold is said wherever somebody looks: the engine's API, doctor, the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambdatui import doctor
from lambdatui.dashboard.inspect.environments import describe
from lambdatui.service.inspection.environments import read_view
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy
from tests.engine.isolation.strictly import Strict
from tests.engine.own import OwnApi
from tests.engine.tiers import engine_in, isolation, table

NAMES = ["strict", "landlock", "process"]
NEVER_HELD = {
    "strict": {"network"},
    "landlock": {"CPU share", "freezing", "network"},
    "process": {"CPU share", "file system", "freezing", "network"},
}
ALWAYS_HELD = {
    "strict": {"timeout", "/tmp", "file system", "open files", "freezing", "orphans"},
    "landlock": {"timeout", "open files", "orphans"},
    "process": {"timeout", "open files", "orphans"},
}


@pytest.fixture(scope="module", params=NAMES)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(tier: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with engine_in(tier, tmp_path_factory.mktemp("promises")) as running:
        yield running


@pytest.fixture(scope="module")
def rows(engine: EngineProcess, tier: str) -> list[dict[str, str]]:
    """The table of the chosen tier."""
    said = isolation(engine)
    assert [one["name"] for one in said["tiers"]] == NAMES
    return next(list(one["holds"]) for one in said["tiers"] if one["name"] == tier)


def test_the_table_is_complete_and_in_words(rows: list[dict[str, str]], tier: str) -> None:
    held = {row["what"]: row["held"] for row in rows}
    assert {what for what, how in held.items() if how == "not held"} >= NEVER_HELD[tier]
    assert {what for what, how in held.items() if how == "held"} >= ALWAYS_HELD[tier]
    assert all(row["words"] for row in rows)
    cpu = next(row for row in rows if row["what"] == "CPU share")
    assert (cpu["held"] == "held") != cpu["words"].startswith("CPU not held")


def test_the_api_shows_it_beside_the_environments(engine: EngineProcess, rows: Any, tier: str) -> None:
    answer = OwnApi(engine)("GET", "environments")
    assert (answer["tier"], answer["holds"]) == (tier, rows)


def test_doctor_shows_it(engine: EngineProcess, rows: list[dict[str, str]], tier: str) -> None:
    record = doctor.examine(engine.data_dir)
    text = doctor.lines(record)
    start = text.index(f"{tier}: in use")
    shown = " ".join(" ".join(text[start:]).split())
    for row in rows:
        assert f"{doctor.SIGNS[row['held']]} {row['what']} {row['words']}" in shown


def test_the_dashboard_shows_it(engine: EngineProcess, rows: list[dict[str, str]], tier: str) -> None:
    client = engine.client("lambda")
    call(client, deploy(client, "def handler(event, context): pass\n"))
    view = read_view(OwnApi(engine)("GET", "environments"))
    said = describe(view.lives[0], view, view.now)[-1]
    assert f"tier {tier} does not wholly hold: " in said
    for row in rows:
        assert (f"{row['what']}: " in said) == (row["held"] != "held")


def test_an_ordinary_user_has_strict_too(strict: Strict) -> None:
    """Without control groups less is held, and that is said."""
    held = table(strict.start())
    assert {held[what] for what in ALWAYS_HELD["strict"]} == {"held"}
    assert held["processes"] == "held" or strict.who == "self"
    if strict.who == "nobody":
        assert held["CPU share"] == "not held"
        assert held["memory"] == "partly held"
