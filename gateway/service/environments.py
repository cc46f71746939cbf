"""The configured environments, and who may use which of them."""

from collections.abc import Mapping

from gateway.errors import ForbiddenEnvironmentError, UnknownEnvironmentError
from gateway.service.callers import Caller, usable


class ConfiguredEnvironments:
    """The environments of this gateway, in their configured order; `labels` are their labels by name."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = dict(labels)

    def label_for(self, caller: Caller, environment: str) -> str:
        """Return the label of the environment with this name.

        Raises:
            UnknownEnvironmentError: No environment of that name is configured.
            ForbiddenEnvironmentError: The caller may not use it.
        """
        if environment not in self.labels:
            raise UnknownEnvironmentError
        if not caller.may_use(environment):
            raise ForbiddenEnvironmentError
        return self.labels[environment]

    def names_for(self, caller: Caller) -> list[str]:
        """Return the names of the environments that the caller may use."""
        return usable(caller, self.labels)
