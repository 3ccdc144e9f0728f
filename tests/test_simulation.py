"""The simulation is fair, repeatable and loses no cent; the engine beats chance in every world."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bench import simulate, world
from bench.simulate import POLICIES, Results, Task

DAYS = 12
SMALL = world.SIZES["S"]
TASKS = [Task(name, "S", seed, DAYS) for name in world.WORLDS for seed in range(4)]


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate.simulate_all(TASKS, jobs=1)


@pytest.mark.parametrize("name", POLICIES)
def test_no_cap_is_broken_and_no_cent_is_lost(name: str) -> None:
    truth = world.draw("contrary", SMALL, 3, 25)
    done = world.run(truth, simulate.policy(name, 3))
    assert done.called_in + done.came_uncalled + done.still_open == sum(truth.cents)
    days: defaultdict[int, list[int]] = defaultdict(list)
    for call in done.calls:
        case, slot, _ = call.dial
        opens, closes = truth.hours[case]
        minute = world.SLOTS[slot] + truth.offsets[case]
        assert opens <= minute <= closes - 30, f"case {case} is called at a closed hour"
        assert days[case][-1:] != [call.day], f"case {case} is called twice on day {call.day}"
        week = [day for day in days[case] if day > call.day - 5]
        assert len(week) < 3, f"case {case} is called a fourth time within a week of {call.day}"
        assert call.third == (len(week) == 2)
        days[case].append(call.day)
    for case, day in {(c.dial.case, c.day) for c in done.calls if c.answered}:
        rest = [later for later in days[case] if day < later < day + 5]
        assert not rest, f"case {case} is called on {rest} after a conversation on {day}"
    rooms = [(call.day, call.dial.slot) for call in done.calls]
    assert max(map(rooms.count, rooms), default=0) <= truth.calls


def test_a_policy_that_breaks_a_cap_is_stopped() -> None:
    truth = world.draw("flat", SMALL, 3, 5)
    slot = truth.slots[0][0]
    with pytest.raises(ValueError, match="case 0 may not be called"):
        world.run(truth, lambda _: [world.Dial(0, slot)])


def test_the_same_seed_gives_the_same_result(results: Results) -> None:
    (first, *_), task = results["S", "published"], TASKS[0]
    again = simulate.simulate(task)
    assert again.runs == first.runs
    assert again.chances.tolist() == first.chances.tolist()


def test_all_policies_but_nobody_use_every_call(results: Results) -> None:
    calls = DAYS * SMALL.calls * len(world.SLOTS)
    for founds in results.values():
        for found in founds:
            dials = {name: run.dials for name, run in found.runs.items()}
            assert dials == dict.fromkeys(POLICIES, calls) | {"nobody": 0}


def test_the_engine_knows_nothing_of_the_world_before_it_called() -> None:
    plans = set()
    for name in world.WORLDS:
        done = world.run(world.draw(name, SMALL, 5, 1), simulate.policy("engine", 5))
        plans.add(tuple(sorted(call.dial for call in done.calls)))
    assert len(plans) == 1


def test_the_engine_brings_in_clearly_more_than_chance_in_every_world(results: Results) -> None:
    for founds in results.values():
        found = simulate.lift(founds, "engine", "random")
        assert found.low > 0.02, f"{founds[0].task.world}: {found}"


def test_as_many_calls_are_answered_as_the_engine_predicted(results: Results) -> None:
    every = [found for founds in results.values() for found in founds]
    predicted = np.concatenate([found.chances for found in every]).mean()
    answered = np.concatenate([found.answers for found in every]).mean()
    assert predicted == pytest.approx(answered, abs=simulate.GATE)


def test_nothing_beats_the_bound_by_much(results: Results) -> None:
    every = [found for founds in results.values() for found in founds]
    for name in POLICIES:
        assert simulate.lift(every, name, "oracle").mean <= 0.0, name


def test_a_lift_is_that_of_the_sums() -> None:
    run = simulate.Run(paid=0, owed=100, dials=9, answered=3, third=1)
    runs = [
        {"engine": run._replace(paid=a), "rules": run._replace(paid=b)} for a, b in ((6, 4),) * 3
    ]
    nothing = np.array([])
    founds = [simulate.Found(TASKS[0], one, nothing, nothing.astype(np.bool_)) for one in runs]
    assert simulate.lift(founds, "engine", "rules") == (0.5, 0.5, 0.5)


def test_the_page_has_a_row_for_each_policy_and_the_picture_a_dot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["--sizes", "S", "--seeds", "2", "--days", "3", "--jobs", "1"]
    out = ["--out", str(tmp_path / "page.md")]
    simulate.main(["--quick", "--worlds", "flat", "contrary", *few, *out])
    page = (tmp_path / "page.md").read_text("utf-8")
    assert "| policy | S flat | S contrary |" in page
    for label in POLICIES.values():
        assert f"| {label} " in page or f"| **{label}** " in page
    assert page.count("\n| S flat | ") == page.count("\n| S contrary | ") == 1
    assert "{" not in page
    assert "(simulation.svg)" in page
    picture = ElementTree.fromstring((tmp_path / "simulation.svg").read_text("utf-8"))  # noqa: S314
    shapes = [shape.tag.rpartition("}")[2] for shape in picture.iter()]
    assert shapes.count("circle") == 3 * len(simulate.SHOWN)
    assert "4 of 4 books" in capsys.readouterr().err
