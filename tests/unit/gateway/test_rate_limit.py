import pytest

from gateway.rates import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_minute_s_requests_may_come_at_once_and_then_one_at_a_time(clock: Clock) -> None:
    limit = RateLimit(5, clock)
    assert [limit.seconds_to_wait("ana") for _ in range(5)] == [0] * 5
    assert limit.seconds_to_wait("ana") == pytest.approx(12)
    clock.now += 11
    assert limit.seconds_to_wait("ana") == pytest.approx(1)
    clock.now += 1.01
    assert limit.seconds_to_wait("ana") == 0
    assert limit.seconds_to_wait("ana") > 0


def test_a_pause_is_saved_up_for_a_minute_only(clock: Clock) -> None:
    limit = RateLimit(3, clock)
    limit.seconds_to_wait("ana")
    clock.now += 10_000
    assert [limit.seconds_to_wait("ana") > 0 for _ in range(4)] == [False, False, False, True]


def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    limit.seconds_to_wait("ana")
    for _ in range(100):
        limit.seconds_to_wait("ana")
    clock.now += 60.01
    assert limit.seconds_to_wait("ana") == 0


def test_no_caller_takes_from_another(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    assert limit.seconds_to_wait("ana") == 0
    assert limit.seconds_to_wait("bob") == 0
    assert limit.seconds_to_wait("ana") > 0


def test_callers_that_have_gone_are_forgotten_and_others_are_not(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    for number in range(1000):
        limit.seconds_to_wait(f"gone {number}")
    clock.now += 61
    limit.seconds_to_wait("ana")
    assert len(limit._full_at) == 1  # noqa: SLF001  # memory is what it is about
    assert limit.seconds_to_wait("ana") > 0
