"""Whose call is next, if more are made than may run at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from odoo_client.traffic.slots import Slots, in_a_hurry, on_behalf_of


class Calls:
    """Calls that run until they are ended, and the order in which they began."""

    def __init__(self, most: int) -> None:
        self._slots = Slots(most, patience=30)
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.begun: list[str] = []

    async def make(self, name: str, owner: str = "ana") -> None:
        self._ends[name] = asyncio.Event()
        with on_behalf_of(owner):
            self.tasks[name] = asyncio.create_task(self._run(name))
        await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self.tasks[name]
        await settle()

    async def _run(self, name: str) -> None:
        async with self._slots.one():
            self.begun.append(name)
            await self._ends[name].wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_next_call_is_one_of_the_owner_with_the_fewest_calls_that_run() -> None:
    calls = Calls(most=4)
    for number in range(6):
        await calls.make(f"ana {number}")
    for number in range(3):
        await calls.make(f"bob {number}", "bob")
    assert calls.begun == ["ana 0", "ana 1", "ana 2"]

    for number in range(3):
        await calls.end(f"ana {number}")

    # each has as many that run as the other once bob has one, so the one that has waited longest is next
    assert calls.begun[3:] == ["bob 0", "ana 3", "ana 4"]


async def test_the_calls_of_one_owner_run_in_their_order() -> None:
    calls = Calls(most=1)
    for number in range(4):
        await calls.make(f"{number}")
    for number in range(3):
        await calls.end(f"{number}")
    assert calls.begun == ["0", "1", "2", "3"]


async def test_a_call_in_a_hurry_is_next_if_none_can_be_reserved() -> None:
    calls = Calls(most=1)
    await calls.make("quotation 1")
    await calls.make("quotation 2", "bob")
    with in_a_hurry():
        await calls.make("look-up")

    await calls.end("quotation 1")

    assert calls.begun == ["quotation 1", "look-up"]


async def before_its_turn(calls: Calls) -> None:
    calls.tasks["2"].cancel()
    await settle()
    await calls.end("1")


async def at_its_turn(calls: Calls) -> None:
    ending = asyncio.create_task(calls.end("1"))
    while not calls.tasks["1"].done():
        await asyncio.sleep(0)
    calls.tasks["2"].cancel()
    await ending


@pytest.mark.parametrize("cancel", [before_its_turn, at_its_turn])
async def test_a_cancelled_call_leaves_its_place(cancel: Callable[[Calls], Awaitable[None]]) -> None:
    calls = Calls(most=1)
    for name in ("1", "2", "3"):
        await calls.make(name)

    await cancel(calls)
    with suppress(asyncio.CancelledError):
        await calls.tasks["2"]
    await settle()

    assert calls.begun[-1] == "3"
