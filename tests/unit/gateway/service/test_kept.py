import asyncio

import pytest

from gateway.service.temporal.kept import Kept


class Question:
    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.error: Exception | None = None

    async def ask(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.asked


async def test_callers_at_once_and_shortly_after_share_one_answer() -> None:
    question = Question()
    kept: Kept[int] = Kept(1.0, lambda: question.now)
    assert await asyncio.gather(*(kept.get("dev", question.ask) for _ in range(3))) == [1, 1, 1]
    question.now = 0.9
    assert await kept.get("dev", question.ask) == 1
    assert await kept.get("prod", question.ask) == 2


async def test_an_old_answer_is_asked_for_again() -> None:
    question = Question()
    kept: Kept[int] = Kept(1.0, lambda: question.now)
    await kept.get("dev", question.ask)
    question.now = 1.0
    assert await kept.get("dev", question.ask) == 2


async def test_a_failure_is_every_callers() -> None:
    question = Question()
    question.error = ValueError("no")
    kept: Kept[int] = Kept(1.0, lambda: question.now)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await kept.get("dev", question.ask)
    assert question.asked == 1


async def test_a_caller_that_goes_away_leaves_the_answer_to_the_others() -> None:
    question = Question()
    kept: Kept[int] = Kept(1.0, lambda: question.now)
    first = asyncio.create_task(kept.get("dev", question.ask))
    second = asyncio.create_task(kept.get("dev", question.ask))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 1
