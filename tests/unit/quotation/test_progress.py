from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotation.course.progress import Progress
from quotation.errors import ErrorCode
from quotation.status import Failure, State, Step
from quotation.texts import PROGRESS

START = datetime(2026, 1, 1, tzinfo=UTC)
WORK = [Step.AUTH, Step.PARTNER, Step.LEAD, Step.CONVERT, Step.ORDER, Step.LINE]
FAILURE = Failure(code=ErrorCode.ODOO_REJECTED, message="Odoo refused it.", step=Step.LEAD)

Event = tuple[str, Step]

ENDS: dict[State, Callable[[Progress, datetime], None]] = {
    State.COMPLETED: Progress.complete,
    State.FAILED: lambda progress, now: progress.fail(FAILURE, now),
    State.CANCELLED: Progress.cancel,
}


def new_progress() -> Progress:
    return Progress("quot_abc123def456", "development", START)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@st.composite
def any_order(draw: st.DrawFn) -> list[Event]:
    """Beginnings and ends of all steps in any order, as if all ran side by side."""
    shuffled = draw(st.permutations([step for step in WORK for _ in ("begin", "finish")]))
    seen: set[Step] = set()
    events: list[Event] = []
    for step in shuffled:
        events.append(("finish" if step in seen else "begin", step))
        seen.add(step)
    return events


@st.composite
def order_of_the_workflow(draw: st.DrawFn) -> list[Event]:
    """Check, partner and lead in a row, then the conversion beside order and lines."""
    first: list[Event] = [(event, step) for step in WORK[:3] for event in ("begin", "finish")]
    rest: list[Event] = [(event, step) for step in (Step.ORDER, Step.LINE) for event in ("begin", "finish")]
    at, later = sorted([draw(st.integers(0, 4)), draw(st.integers(0, 4))])
    conversion: list[list[Event]] = [[("begin", Step.CONVERT)], [("finish", Step.CONVERT)]]
    return [*first, *rest[:at], *conversion[0], *rest[at:later], *conversion[1], *rest[later:]]


def play(progress: Progress, event: Event, second: int) -> None:
    name, step = event
    if name == "begin":
        progress.begin(step, after(second))
    else:
        progress.finish(step, after(second))


def first_unfinished(events: list[Event]) -> Step:
    finished = {step for name, step in events if name == "finish"}
    return next((step for step in WORK if step not in finished), Step.LINE)


def test_a_new_quotation_is_queued() -> None:
    status = new_progress().status
    assert (status.status, status.step, status.progress) == ("queued", "queued", "En cola")
    assert (status.created_at, status.completed_at) == (START, None)


@given(any_order() | order_of_the_workflow())
def test_the_step_is_the_first_unfinished_one_and_never_goes_back(events: list[Event]) -> None:
    progress = new_progress()
    order = list(Step)
    for second, event in enumerate(events):
        before = progress.status.step
        play(progress, event, second)
        status = progress.status
        assert status.status is State.PROCESSING
        assert status.step is first_unfinished(events[: second + 1])
        assert status.progress == PROGRESS[status.step]
        assert order.index(status.step) >= order.index(before)
        assert status.completed_at is None


@given(any_order())
def test_a_quotation_is_complete_when_every_step_is_finished(events: list[Event]) -> None:
    progress = new_progress()
    for second, event in enumerate(events):
        assert not progress.is_complete
        play(progress, event, second)
    assert progress.is_complete


@given(any_order())
def test_every_steps_times_are_kept(events: list[Event]) -> None:
    progress = new_progress()
    for second, event in enumerate(events):
        play(progress, event, second)
    assert {(step, times.started_at, times.finished_at) for step, times in progress.times.items()} == {
        (step, after(events.index(("begin", step))), after(events.index(("finish", step)))) for step in WORK
    }


@given(order_of_the_workflow(), st.integers(0, 12), st.sampled_from([State.FAILED, State.CANCELLED]))
def test_a_failed_or_cancelled_quotation_keeps_the_step_it_reached(
    events: list[Event], count: int, end: State
) -> None:
    progress = new_progress()
    for second, event in enumerate(events[:count]):
        play(progress, event, second)
    reached, text = progress.status.step, progress.status.progress
    ENDS[end](progress, after(60))
    status = progress.status
    assert (status.status, status.step, status.progress) == (end, reached, text)
    assert (status.completed_at, status.elapsed_time) == (after(60), "60.0s")
    assert status.error == (FAILURE if end is State.FAILED else None)


def test_a_completed_quotation_is_done() -> None:
    progress = new_progress()
    for step in WORK:
        progress.begin(step, START)
        progress.finish(step, after(10))
    progress.complete(after(18.5))
    status = progress.status
    assert (status.status, status.step, status.progress) == ("completed", "done", "Completado")
    assert (status.completed_at, status.elapsed_time, status.error) == (after(18.5), "18.5s", None)


def test_a_step_that_did_not_end_has_no_end() -> None:
    progress = new_progress()
    progress.begin(Step.AUTH, after(1))
    progress.cancel(after(2))
    assert (progress.times[Step.AUTH].started_at, progress.times[Step.AUTH].finished_at) == (after(1), None)


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_final_state_takes_no_other_end(first: State, second: State) -> None:
    progress = new_progress()
    progress.begin(Step.AUTH, START)
    ENDS[first](progress, after(5))
    final = progress.status.model_copy(deep=True)
    with pytest.raises(ValueError, match="cannot become"):
        ENDS[second](progress, after(9))
    assert progress.status == final


@pytest.mark.parametrize("end", ENDS)
def test_a_step_that_ends_late_does_not_reopen_a_final_state(end: State) -> None:
    progress = new_progress()
    progress.begin(Step.AUTH, START)
    ENDS[end](progress, after(5))
    final = progress.status.model_copy(deep=True)
    progress.finish(Step.AUTH, after(6))
    assert progress.status == final
