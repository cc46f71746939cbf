"""The environment that a REST call is for: its path names it, or may leave it out."""

from typing import Annotated

from fastapi import Depends, Path, Request

from gateway.access.current_caller import CurrentCaller
from gateway.service.environments import ConfiguredEnvironments


async def _named(environment: Annotated[str, Path(description="Name of an environment, e.g. `dev`.")]) -> None:
    """Document the parameter of paths that name an environment."""


NAMED = Depends(_named)
"""The dependency of all routes whose path names an environment."""


class Environments:
    """Dependencies of routes, so that a wrong environment is reported before a wrong body.

    Both raise what `ConfiguredEnvironments.named` raises.
    """

    def __init__(self, environments: ConfiguredEnvironments) -> None:
        self._environments = environments
        self._first = next(iter(environments)).name

    async def any(self, caller: CurrentCaller, request: Request) -> str | None:
        """Return the environment that the path names, or None for all of the caller's."""
        name: str | None = request.path_params.get("environment")
        if name is not None:
            self._environments.named(name, caller)
        return name

    async def one(self, caller: CurrentCaller, request: Request) -> str:
        """Return the environment that the path names, or the first configured one."""
        name: str = request.path_params.get("environment", self._first)
        self._environments.named(name, caller)
        return name
