"""The tasks of a working day, each within a number of keys, with keys that the screen shows.

What is counted is every key pressed; the names and values that a task has of its own are typed on top.
A key may be pressed only where the footer, a dialog's edge, the line of tabs or the help has it at
that moment: nobody has to know anything by heart.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import EngineProcess
from tests.dashboard.driver import SIZES
from tests.journeys.day import HANDLER, TASKS, Day, nothing, task
from tests.journeys.watcher import on_engine
from tests.journeys.worker import Worker

MANY = 40


@task(10, nothing)
async def begin_a_function_of_ones_own(ui: Worker, day: Day) -> None:
    code = "def handler(event, context):\n    return {'mine': 42}\n"
    (day.folder / "handler.py").write_text(code)
    await ui.press("ctrl+n")
    await ui.until("New function", "Greets you")
    await ui.type(day.name)
    await ui.press("enter")
    await ui.until(f"▸ {day.name}")
    await ui.press("enter")
    await ui.until(f"Functions ▸ {day.name} ▸ Overview")
    await ui.press("4")
    await ui.until("handler.py", "1 file")
    await ui.press("U")
    await ui.until("Deploy code")
    await ui.type(str(day.folder))
    await ui.press("enter")
    await ui.until_gone("Deploy code")
    await ui.until(f"{len(code)} B")
    await ui.press("escape", "i")
    await ui.until("✓ 200", '"mine": 42')
    await ui.press("p")
    await ui.until(f"Publish {day.name}")
    await ui.type("mine")
    await ui.press("enter")
    await ui.hears(f"Version 1 of {day.name} is published.")


@task(3)
async def invoke_one_among_many(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("i")
    await ui.until("✓ 200", '"version": "$LATEST"')


@task(11)
async def send_an_event_that_fails_and_is_retried(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("e")
    await ui.type('{"boom": 1}')
    await ui.press("escape", "m", "i")
    await ui.until("✓ 202  accepted", "attempt 1 of 3 failed: ValueError")
    await ui.press("Q")
    await ui.until("1 under way 1", "2 of 3", day.name)
    await ui.press("i")
    await ui.until("3 of 3")
    await ui.press("i")
    await ui.until("1 under way 0")
    await ui.press("escape", "m")


@task(7, lambda day: day.versions(2))
async def give_a_new_alias_ten_percent_of_the_other_version(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("a")
    await ui.until(f"New alias of {day.name}")
    await ui.type("live")
    await ui.press("tab", "tab")
    await ui.type("1")
    await ui.press("tab")
    await ui.type("10")
    await ui.press("enter")
    await ui.hears(f"Alias live of {day.name} sends 90 % to version 2, 10 % to version 1.")
    raw = await day.call("get_alias", Name="live")
    assert (raw["FunctionVersion"], raw["RoutingConfig"]["AdditionalVersionWeights"]) == ("2", {"1": 0.1})


@task(7, lambda day: day.versions(2))
async def shift_traffic_and_roll_back(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.knows_versions()
    await ui.press("b")
    await ui.until(f"Shift traffic of {day.name}", "prod sends")
    await ui.press("tab", "tab")
    await ui.fill("10% 1h, 100%")
    await ui.press("enter")
    await ui.until(f"Shift ▸ {day.name}:prod", "10 %")
    await ui.press("u")
    await ui.until("Back: prod is at version 1 alone.")
    raw = await day.call("get_alias", Name="prod")
    assert (raw["FunctionVersion"], raw.get("RoutingConfig")) == ("1", None)


def three(day: Day) -> None:
    for letter in "abc":
        day.create(f"{day.name}-{letter}")


@task(11, three)
async def give_three_functions_more_memory(ui: Worker, day: Day) -> None:
    await ui.press("slash")
    await ui.fill(day.name)
    await ui.press("enter")
    await ui.until(f"{day.name}-a", f"{day.name}-c")
    await ui.press("asterisk", "A")
    await ui.until("Change 3 marked functions")
    await ui.press("down", "down", "enter")
    await ui.type("256")
    await ui.until("128 → 256 MB")
    await ui.press("enter", "enter")
    await ui.until("Memory: 3 done")
    await ui.press("escape")


def failing(day: Day) -> None:
    day.create()
    client = day.engine.client("lambda")
    client.get_waiter("function_active_v2").wait(FunctionName=day.name)
    for payload in ('{"order": 1}', '{"boom": 1}', '{"order": 3}'):
        client.invoke(FunctionName=day.name, Payload=payload)


@task(5, failing)
async def find_the_error_in_the_log_and_open_its_run(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("4")
    await ui.until("order 3", "■")
    await ui.press("comma", "enter")
    await ui.until("ValueError: no such order", "handler.py")


@task(6, lambda day: day.versions(2))
async def compare_two_versions(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "3")
    await ui.until("2 versions")
    await ui.press("d")
    await ui.until(f"Compare two of {day.name}")
    await ui.fill("1")
    await ui.press("enter")
    await ui.until("1 beside $LATEST", "129 MB", "130 MB")


@task(7)
async def set_a_variable_and_see_the_difference_first(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("c")
    await ui.until("Memory", "128 MB")
    await ui.press("ctrl+n")
    await ui.type("STAGE=prod")
    await ui.press("enter", "ctrl+s")
    await ui.until(f"Change the settings of {day.name}", "STAGE")
    await ui.press("enter")
    await ui.hears(f"1 change made to {day.name}.")
    raw = await day.call("get_function_configuration")
    assert raw["Environment"]["Variables"] == {"STAGE": "prod"}


@task(8, lambda day: day.versions(3))
async def clean_up_old_versions(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "3")
    await ui.until("3 versions")
    await ui.press("C")
    await ui.until(f"Clean up {day.name}")
    await ui.fill("1")
    await ui.press("enter")
    await ui.until("Delete 1 version", "(2)")
    await ui.press("tab", "enter")
    await ui.hears("1 version of")


@task(7)
async def add_a_tag(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "0")
    await ui.until("No tags.")
    await ui.press("ctrl+n")
    await ui.type("team")
    await ui.press("tab")
    await ui.type("pay")
    await ui.press("enter")
    await ui.hears("Tag team is pay.")


@task(7)
async def let_a_bucket_invoke_it(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "8")
    await ui.until("nobody is granted anything")
    await ui.press("ctrl+n")
    await ui.type("s3")
    await ui.press("tab")
    await ui.type("s3.amazonaws.com")
    await ui.press("enter")
    await ui.until("may invoke it")
    assert "s3.amazonaws.com" in (await day.call("get_policy"))["Policy"]


@task(6)
async def give_it_a_url(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "8")
    await ui.until("No URL")
    await ui.press("U")
    await ui.until(f"URL for {day.name}", "AWS_IAM")
    await ui.press("enter")
    await ui.hears(f"answers for {day.name}.")
    assert (await day.call("get_function_url_config"))["AuthType"] == "AWS_IAM"


@task(3)
async def copy_the_invocation_as_an_aws_command(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("Y")
    await ui.hears("Copied the aws command")


@task(14)
async def take_the_last_change_back(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("c")
    await ui.until("Memory", "128 MB")
    await ui.press("j", "enter")
    await ui.fill("256")
    await ui.press("enter", "ctrl+s")
    await ui.until(f"Change the settings of {day.name}")
    await ui.press("enter")
    await ui.hears(f"1 change made to {day.name}.")
    await ui.press("escape", "J")
    await ui.until("UpdateFunctio")
    await ui.press("j", "u")
    await ui.until("Take back UpdateFunctionConfiguration")
    await ui.press("tab", "enter")
    await ui.until_gone("Take back")
    assert (await day.call("get_function_configuration"))["MemorySize"] == 128


@task(14)
async def save_a_payload_and_use_it_again(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("e")
    await ui.type('{"order": 42}')
    await ui.press("escape", "P")
    await ui.until(f"Payloads ▸ {day.name}", "SQS")
    await ui.press("ctrl+n")
    await ui.until("Save the payload")
    await ui.type("answer")
    await ui.press("enter")
    await ui.until("saved", "answer")
    await ui.press("escape", "i")
    await ui.until('"order": 42')
    await ui.press("P")
    await ui.until("saved", "answer")
    await ui.press("g", "enter", "i")
    await ui.until('"order": 42', "warm")


@task(6)
async def download_the_code(ui: Worker, day: Day) -> None:
    await ui.open(day.name, "4")
    await ui.until("handler.py", "1 file")
    await ui.press("W")
    await ui.until("Save the package")
    file = day.folder / "code.zip"
    await ui.fill(str(file))
    await ui.press("enter")
    await ui.until_gone("Save the package")
    with zipfile.ZipFile(file) as saved:
        assert saved.read("handler.py").decode() == HANDLER


@task(10)
async def arm_a_fault_and_see_it_fire(ui: Worker, day: Day) -> None:
    await ui.press("F")
    await ui.until("throttle", "kill-after-init")
    await ui.press("enter")
    await ui.until("Arm throttle")
    await ui.fill(day.name)
    await ui.press("tab")
    await ui.fill("1")
    await ui.press("enter")
    await ui.until("1 fault armed")
    await ui.press("escape")
    await ui.find(day.name)
    await ui.press("i")
    await ui.until("throttling Invoke")
    await ui.press("F")
    await ui.until("used up", "fired")


@task(7)
async def see_why_an_environment_was_born(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("i")
    await ui.until("✓ 200")
    await ui.press("V")
    await ui.until("Environments", "alive")
    await ui.press("slash")
    await ui.type(day.name)
    await ui.press("enter")
    await ui.until(f"{day.name} $LATEST · born", "first, INIT took")


@task(5)
async def delete_a_function(ui: Worker, day: Day) -> None:
    await ui.find(day.name)
    await ui.press("x")
    await ui.until(f"Delete function {day.name}?")
    await ui.press("tab", "enter")
    await ui.until_gone(f"Delete function {day.name}?")
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        await day.call("get_function")


@task(2, nothing)
async def look_at_another_region(ui: Worker, _: Day) -> None:
    await ui.press("t")
    await ui.until("Asia Pacific (Tokyo)")
    await ui.type("eu-west-1")
    await ui.press("enter")
    await ui.until("LOCAL engine", "eu-west-1")


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine with many functions and nothing else under way."""
    running = EngineProcess(tmp_path_factory.mktemp("day") / "data")
    try:
        for number in range(MANY):
            Day(running, f"shop-{number:02}", Path()).create()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("size", ["80x24", pytest.param("120x40", marks=pytest.mark.slow)])
async def test_a_working_day_takes_few_keys_and_only_keys_that_are_shown(
    size: str, works: EngineProcess, tmp_path: Path
) -> None:
    days = [Day(works, f"job-{number:02}-{size[:2]}", tmp_path / f"{number}") for number in range(len(TASKS))]
    for day, (_, _, before) in zip(days, TASKS, strict=True):
        day.folder.mkdir()
        await asyncio.to_thread(before, day)
    async with on_engine(works, SIZES[size]) as watcher:
        ui = Worker(watcher.pilot, None)
        await ui.until("LOCAL engine", "python3.11")
        for day, (most, steps, _) in zip(days, TASKS, strict=True):
            try:
                await steps(ui, day)
            except BaseException as error:
                error.add_note(f"while to {steps.__name__}, after {' '.join(ui.pressed)}")
                raise
            assert len(ui.pressed) <= most, f"{steps.__name__}: {' '.join(ui.pressed)}"
            await ui.begin_again()
