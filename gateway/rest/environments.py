"""Which environment a REST call is for: the one that its path names, or the first configured one."""

from typing import Annotated

from fastapi import Path

from gateway.access.current_caller import CurrentCaller
from gateway.service.quotations import QuotationService

_Name = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]


class Environments:
    """Dependencies of routes, so that a wrong environment is told before a wrong body.

    Both raise as `ConfiguredEnvironments.named`.
    """

    def __init__(self, service: QuotationService) -> None:
        self._environments = service.environments
        self._first = next(iter(service.environments)).name

    async def named(self, caller: CurrentCaller, environment: _Name) -> str:
        """Return the name of the environment in the path."""
        self._environments.named(environment, caller)
        return environment

    async def first(self, caller: CurrentCaller) -> str:
        """Return the name of the first configured environment."""
        self._environments.named(self._first, caller)
        return self._first
