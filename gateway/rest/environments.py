"""Which environment a REST call is for: the one that its path names, or the first configured one."""

from typing import Annotated

from fastapi import Path

from gateway.access.current_caller import CurrentCaller
from gateway.service.quotations import QuotationService

_Name = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]


class Environments:
    """Dependencies of routes, so that a wrong environment is told before a wrong body.

    Both raise as `QuotationService.check_environment`.
    """

    def __init__(self, service: QuotationService) -> None:
        self._service = service
        self._first = next(iter(service.environments))

    async def named(self, caller: CurrentCaller, environment: _Name) -> str:
        """Give the environment that the path names."""
        self._service.check_environment(caller, environment)
        return environment

    async def first(self, caller: CurrentCaller) -> str:
        """Give the first configured environment."""
        self._service.check_environment(caller, self._first)
        return self._first
