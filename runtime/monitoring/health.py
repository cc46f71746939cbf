"""Whether a worker can work, and what it goes on without."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from temporalio.client import Client

from runtime import temporal
from runtime.settings import SettingsError

_ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Look:
    """The state that was found; `missing` has sentences for operators."""

    is_ready: bool
    missing: list[str]


class Health:
    """The state of a worker, from its start to its end.

    It is not ready while it has no Temporal, because then it can do nothing. An Odoo or a bucket that is away is
    only named: quotations wait for it in Temporal, those of other environments go on, and another worker would
    not reach it either. `sources` return such sentences. A namespace may be lost while Temporal answers.
    """

    def __init__(self, *sources: Callable[[], Iterable[str]]) -> None:
        self._sources = sources
        self._client: Client | None = None
        self._is_stopping = False

    def begin(self, client: Client) -> None:
        """Say that the worker works."""
        self._client = client

    def stop(self) -> None:
        """Say that the worker takes nothing new."""
        self._is_stopping = True

    async def look(self) -> Look:
        """Return what is missing now, within 4 seconds."""
        if problem := await self._reason():
            return Look(is_ready=False, missing=[problem])
        return Look(is_ready=True, missing=[sentence for source in self._sources for sentence in source()])

    async def _reason(self) -> str | None:
        if self._is_stopping:
            return "The worker is stopping."
        if self._client is None:
            return "The worker is starting: Temporal has not answered yet."
        try:
            if problem := await temporal.connection_problem(self._client, _ANSWER_SECONDS):
                return f"Temporal does not answer: {problem}."
            await temporal.check_namespace(self._client, _ANSWER_SECONDS)
        except SettingsError as error:
            return f"{error}."
        return None
