from datetime import UTC, datetime, timedelta

import pytest

from activities.attempts import Attempts

NOW = datetime(2025, 12, 22, 15, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def test_a_first_attempt_has_waited_for_nothing() -> None:
    first = Attempts.from_details([], NOW)
    assert (first.unexpected, first.waited) == (0, timedelta())


def test_what_an_attempt_notes_is_known_to_the_next_one() -> None:
    noted = Attempts.from_details([], NOW).after(unexpected=True, installation=True)
    next_one = Attempts.from_details(noted.details, LATER)
    assert (next_one.unexpected, next_one.waited) == (1, LATER - NOW)


def test_a_wait_goes_on_until_a_fault_of_another_kind() -> None:
    waiting = Attempts.from_details([0, NOW.timestamp()], LATER)
    assert waiting.after(unexpected=False, installation=True).waited == LATER - NOW
    assert waiting.after(unexpected=False, installation=False).waited == timedelta()


@pytest.mark.parametrize(
    ("details", "unexpected", "waited"),
    [
        ([2], 2, timedelta()),
        ([2, None], 2, timedelta()),
        ([2, NOW.timestamp(), "what a newer version adds"], 2, LATER - NOW),
    ],
    ids=["of an older version", "of no wait", "of a newer version"],
)
def test_the_notes_of_other_versions_are_understood(
    details: list[object], unexpected: int, waited: timedelta
) -> None:
    attempts = Attempts.from_details(details, LATER)
    assert (attempts.unexpected, attempts.waited) == (unexpected, waited)
