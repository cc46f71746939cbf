"""Who calls, and what that caller may do with which quotation (docs/reference.md, Access)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """Whoever calls: the owner of the quotations it starts."""

    name: str
    """Stands in the memo of its quotations; empty for the local caller."""
    environments: frozenset[str]
    """The environments that it may use."""
    reads_all: bool = False
    """Whether it reads everyone's quotations in its environments."""

    @property
    def is_local(self) -> bool:
        """Whether it is the one caller of a gateway that tells none apart; it may do and read everything."""
        return not self.name

    def may_use(self, environment: str) -> bool:
        """Tell whether it may use the environment of this name."""
        return self.is_local or environment in self.environments

    def may_read(self, owner: str, environment: str) -> bool:
        """Tell whether it may know of this owner's quotation; an owner without a name is the local caller."""
        return self.may_use(environment) and (self.is_local or self.reads_all or owner == self.name)

    def may_change(self, owner: str, environment: str) -> bool:
        """Tell whether it may cancel and retry this owner's quotation."""
        return self.may_use(environment) and (self.is_local or owner == self.name)


LOCAL = Caller("", frozenset(), reads_all=True)
"""The one caller of a gateway that tells none apart."""
