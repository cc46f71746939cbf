"""A gate in front of an Odoo: calls of the methods that a test closes wait there until it lets them in."""

import asyncio
import threading
from typing import Any

from tests.support.odoo_relay import FORWARD, OdooRelay


class Turnstile:
    """Holds calls of closed methods, and knows in which order all of them came."""

    def __init__(self, relay: OdooRelay) -> None:
        self._relay = relay
        self._places: dict[str, threading.Semaphore] = {}
        self.arrivals: list[tuple[str, str]] = []
        """Method and arguments of each call of a closed method, as they came."""

    def close(self, method: str) -> None:
        """Hold the calls of a method, e.g. `crm.lead.load`."""
        self._places[method] = threading.Semaphore(0)

        def wait(args: list[Any], kwargs: dict[str, Any]) -> Any:
            self.arrivals.append((method, str([args, kwargs])))
            place = self._places.get(method)
            if place is not None:
                place.acquire()
            return FORWARD

        self._relay.answers[method] = wait

    def watch(self, method: str) -> None:
        """Note the calls of a method, and do not hold them."""
        self.close(method)
        del self._places[method]

    def admit(self, method: str) -> None:
        """Admit one call: the next one, if none waits."""
        self._places[method].release()

    def open(self) -> None:
        """Admit all calls, now and later."""
        places, self._places = self._places, {}
        for place in places.values():
            place.release(1000)

    def came(self, method: str, words: str = "") -> int:
        """Return how many calls of a closed method came that have these words in their arguments."""
        return sum(method == name and words in arguments for name, arguments in list(self.arrivals))

    async def until(self, method: str, calls: int, words: str = "") -> None:
        """Wait until so many have come."""
        async with asyncio.timeout(30):
            while self.came(method, words) < calls:
                await asyncio.sleep(0.02)
