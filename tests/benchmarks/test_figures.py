"""The figures, their goals, and the tables and the plot made of them."""

import os
import subprocess
import sys

import pytest

from benchmarks.figures import Figure
from benchmarks.measurements import names
from benchmarks.plot import plot
from benchmarks.processes import backends, processor_seconds, tree
from benchmarks.report import Run, markdown
from benchmarks.samples import Samples


@pytest.fixture
def samples() -> Samples:
    """Three rounds, in the second of which the machine was slow."""
    samples = Samples()
    for ours, theirs in ((10, 40), (60, 120), (12, 30)):
        samples.add(names.ALONE, names.REST_WAIT, ours)
        samples.add(names.ALONE, names.PROTOTYPE, theirs)
    return samples


def test_a_ratio_is_the_median_of_the_ratios_of_each_round(samples: Samples) -> None:
    found = Figure(names.ALONE, names.REST_WAIT, names.PROTOTYPE).measured(samples)
    assert found is not None
    assert (list(found.values), found.value) == ([0.25, 0.5, 0.4], 0.4)
    assert found.spread == pytest.approx((0.325, 0.45))


@pytest.mark.parametrize(
    ("at_most", "at_least", "goal", "reached"),
    [
        (0.4, None, "≤ 0.4", True),
        (0.39, None, "≤ 0.39", False),
        (None, 0.41, "≥ 0.41", False),
        (None, None, "", None),
    ],
)
def test_a_goal_is_a_bound(
    samples: Samples, *, at_most: float | None, at_least: float | None, goal: str, reached: bool | None
) -> None:
    figure = Figure(names.ALONE, names.REST_WAIT, names.PROTOTYPE, at_most=at_most, at_least=at_least)
    found = figure.measured(samples)
    assert found is not None
    assert (figure.goal, found.reaches_goal) == (goal, reached)
    assert (figure.next_best_goal, found.reaches_next_best) == ("", None)


@pytest.mark.parametrize(
    ("at_most", "at_least", "next_best", "in_words", "held"),
    [
        (0.3, None, 0.4, "≤ 0.4", True),
        (0.3, None, 0.39, "≤ 0.39", False),
        (None, 0.5, 0.4, "≥ 0.4", True),
        (None, 0.5, 0.41, "≥ 0.41", False),
    ],
)
def test_the_next_best_is_a_bound_in_the_direction_of_the_goal(
    samples: Samples, *, at_most: float | None, at_least: float | None, next_best: float, in_words: str, held: bool
) -> None:
    figure = Figure(
        names.ALONE, names.REST_WAIT, names.PROTOTYPE, at_most=at_most, at_least=at_least, next_best=next_best
    )
    found = figure.measured(samples)
    assert found is not None
    assert (found.reaches_goal, figure.next_best_goal, found.reaches_next_best) == (False, in_words, held)


def test_a_figure_that_was_not_measured_is_left_out(samples: Samples) -> None:
    assert Figure(names.RATE, names.REST_WAIT).measured(samples) is None
    table = markdown(Run(samples, "real", is_quick=False, seconds=1, load_before=0))
    assert (
        f"| {names.ALONE} | {names.REST_WAIT} / {names.PROTOTYPE} | **0.40** (0.33–0.45) | ≤ 0.5 | yes "
        "| ≤ 0.6 | yes |" in table
    )
    assert names.RATE not in table
    assert plot(samples).count("<rect") == 3


async def test_sides_take_turns_at_being_first() -> None:
    samples, order = Samples(), list[str]()

    async def first() -> None:
        order.append("first")

    async def second() -> None:
        order.append("second")

    await samples.time("a measurement", {"first": first, "second": second}, 2)
    assert order == ["first", "second", "second", "first"]


def test_the_processor_time_of_a_child_that_has_ended_counts() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    script = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])\nprint(flush=True)\ninput()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert list(tree(parent.pid)()) == [parent.pid]
        assert processor_seconds(parent.pid) >= 0.29


def test_a_backend_serves_one_database() -> None:
    script = "input()  # postgres: odoo mine 127.0.0.1 idle"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as one:
        assert list(backends(os.getpid(), "mine")()) == [one.pid]
        assert list(backends(os.getpid(), "another")()) == []
