"""The configured environments, and who may use which of them."""

from collections.abc import Iterable, Iterator

from gateway.errors import ForbiddenEnvironmentError, UnknownEnvironmentError
from gateway.service.callers import Caller
from quotation.environment import Environment


class ConfiguredEnvironments:
    """The environments of this gateway, in their configured order."""

    def __init__(self, environments: Iterable[Environment]) -> None:
        self._by_name = {environment.name: environment for environment in environments}

    def __iter__(self) -> Iterator[Environment]:
        return iter(self._by_name.values())

    def named(self, name: str, caller: Caller) -> Environment:
        """Return the environment of this name.

        Raises:
            UnknownEnvironmentError: No environment of that name is configured.
            ForbiddenEnvironmentError: The caller may not use it.
        """
        environment = self._by_name.get(name)
        if environment is None:
            raise UnknownEnvironmentError
        if not caller.may_use(name):
            raise ForbiddenEnvironmentError
        return environment

    def usable_by(self, caller: Caller) -> list[Environment]:
        """Return the environments that the caller may use."""
        return [environment for environment in self if caller.may_use(environment.name)]
