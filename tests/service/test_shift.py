"""The plan of a shift: what time, figures, people and other people make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdatui.model import Alias
from lambdatui.service.shifts.shift import Figures, Phase, Plan, PlanError, Rules, Shift, Step, begin
from lambdatui.service.shifts.words import read_steps, written

PLAN = Plan("checkout", "prod", "2", "3", read_steps("10% 5m, 50% 90s, 100%"), Rules(0.05, 800))
FINE = Figures(100, 1, 120)


def alias(version: str = "2", revision: str = "r0", **routing: float) -> Alias:
    return Alias(
        "checkout",
        "prod",
        "arn",
        version,
        revision_id=revision,
        routing={key[1:]: share for key, share in routing.items()},
    )


def started(now: float = 1000.0) -> Shift:
    """At the first step, taken over by Lambda."""
    return begin(PLAN, alias(), now).sent(alias(revision="r1", v3=0.1), now)


def test_a_plan_is_read_as_people_write_it() -> None:
    steps = (Step(0.1, 300), Step(0.5, 90), Step(1.0))
    assert read_steps("10% 5m, 50% 90s, 100%") == steps
    assert read_steps("10 5 -> 50 % 90 s → 100") == steps
    assert read_steps("0.5% 1.5h; 100%") == (Step(0.005, 5400), Step(1.0))
    assert read_steps(written(steps)) == steps
    assert read_steps("100%") == (Step(1.0),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The last step is 100%."),
        ("10% 5m", "The last step is 100%."),
        ("soon, 100%", "“soon” is no step. Write a share and a wait, such as 10% 5m."),
        ("0%, 100%", "0 % is no share: it is more than 0 and at most 100."),
        ("50%, 10%, 100%", "Each step takes a greater share than the one before."),
        ("10% 25h, 100%", "A step waits 24 hours at most."),
    ],
)
def test_what_is_no_plan_is_said(text: str, sentence: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_steps(text)
    assert str(caught.value) == sentence


def test_a_shift_takes_its_steps_in_time() -> None:
    shift = begin(PLAN, alias(), 1000)
    assert (shift.wanted, shift.unsent, shift.share) == (("2", {"3": 0.1}), True, 0.1)
    shift = shift.sent(alias(revision="r1", v3=0.1), 1001)
    assert shift.revision == "r1"
    assert shift.due(1300.9, FINE) is shift
    assert shift.remaining(1300.9) == pytest.approx(0.1)
    shift = shift.due(1301, FINE)
    assert (shift.wanted, shift.unsent) == (("2", {"3": 0.5}), True)
    assert shift.due(9999, FINE) is shift, "nothing more before Lambda took it over"
    shift = shift.sent(alias(revision="r2", v3=0.5), 1302)
    shift = shift.due(1392, FINE)
    assert shift.wanted == ("3", {})
    shift = shift.sent(alias("3", "r3"), 1393).due(1393, FINE)
    assert (shift.phase, shift.share, shift.unsent) == (Phase.DONE, 1.0, False)
    assert shift.due(99999, Figures(100, 100, 9999)) is shift


def test_in_one_go() -> None:
    shift = begin(replace(PLAN, steps=read_steps("100%")), alias(), 0)
    assert shift.wanted == ("3", {})
    assert shift.sent(alias("3", "r1"), 1).due(1, Figures()).phase is Phase.DONE


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (Figures(40, 4, 100), "10 % of 40 runs failed, the rule allows 5 %"),
        (Figures(40, 0, 801), "p95 is 801 ms, the rule allows 800 ms"),
    ],
)
def test_a_broken_rule_brings_the_old_version_back(figures: Figures, reason: str) -> None:
    shift = started().due(1010, figures)
    assert (shift.phase, shift.wanted, shift.unsent) == (Phase.BACK, ("2", {}), True)
    assert shift.reason == reason
    held = started().hold(1005).due(1010, figures)
    assert held.phase is Phase.BACK, "rules hold while a step is held"


@pytest.mark.parametrize("figures", [Figures(9, 9, 9999), Figures(40, 2, 800), Figures(40, 2, None)])
def test_few_runs_and_figures_at_the_limit_break_no_rule(figures: Figures) -> None:
    shift = started()
    assert shift.due(1010, figures) is shift


def test_held_time_does_not_count() -> None:
    shift = started().hold(1100, "lunch")
    assert (shift.phase, shift.reason, shift.remaining(5000)) == (Phase.HELD, "lunch", 200)
    assert shift.due(5000, FINE) is shift
    shift = shift.resume(5000)
    assert (shift.phase, shift.reason) == (Phase.RUNNING, "")
    assert shift.due(5199, FINE) is shift
    assert shift.due(5200, FINE).share == 0.5


def test_the_next_step_can_be_taken_at_once() -> None:
    assert started().next_step(1001).share == 0.5
    assert started().hold(1001).next_step(1002).phase is Phase.RUNNING
    last = started().next_step(1).sent(alias(revision="r2", v3=0.5), 1).next_step(2)
    assert last.sent(alias("3", "r3"), 2).next_step(3).phase is Phase.DONE


def test_back_works_until_somebody_else_has_it() -> None:
    assert started().back(1001, "you said so").wanted == ("2", {})
    done = replace(started(), phase=Phase.DONE, at=2)
    assert done.back(1001, "you said so").wanted == ("2", {})
    stopped = started().stopped("theirs")
    assert stopped.back(1001, "you said so") is stopped


def test_somebody_elses_change_stops_it() -> None:
    shift = started().found(alias("1", "r9", v2=0.25), 1001)
    assert (shift.phase, shift.is_over) == (Phase.STOPPED, True)
    assert shift.reason == "somebody else changed prod: it sends 75 % to version 1, 25 % to version 2 now"
    assert started().found(alias(revision="r1", v3=0.1), 1001) == started()


def test_what_was_sent_before_the_lights_went_out_is_ours() -> None:
    asked = started().next_step(1001)
    assert asked.found(alias(revision="r2", v3=0.5), 1002).revision == "r2"
    assert asked.found(alias(revision="r1", v3=0.1), 1002) is asked, "it was not sent: send it now"
    assert asked.found(alias("9", "r7"), 1002).phase is Phase.STOPPED


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (alias("1"), "prod points at version 1, not 2."),
        (alias("3"), "prod points at version 3, not 2."),
    ],
)
def test_a_plan_begins_where_the_alias_is(found: Alias, sentence: str) -> None:
    with pytest.raises(PlanError) as caught:
        begin(PLAN, found, 0)
    assert str(caught.value) == sentence


def test_a_plan_goes_somewhere_else() -> None:
    with pytest.raises(PlanError) as caught:
        begin(replace(PLAN, new="2"), alias(), 0)
    assert str(caught.value) == "prod points at version 2 already."
