"""Who calls, and which quotations that caller may read and change (docs/reference.md, Access)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A caller, who owns the quotations that it starts."""

    name: str
    """Noted in the memo of its quotations; empty for the local caller."""
    environments: frozenset[str]
    """The environments that it may use."""
    reads_all: bool = False
    """Whether it reads everyone's quotations in its environments."""
    operates: bool = False
    """Whether it also cancels and retries everyone's quotations there."""

    @property
    def is_local(self) -> bool:
        """Whether it is the only caller of a gateway without keys, which may read and change everything."""
        return not self.name

    def may_use(self, environment: str) -> bool:
        """Return True if the caller may use the environment of this name."""
        return self.is_local or environment in self.environments

    @property
    def read_owner(self) -> str | None:
        """The only owner whose quotations it may read, or None if it may read everyone's."""
        return None if self.is_local or self.reads_all else self.name

    @property
    def changed_owner(self) -> str | None:
        """The only owner whose quotations it may cancel and retry, or None if it may do so with everyone's."""
        return None if self.is_local or self.operates else self.name

    def may_read(self, owner: str, environment: str) -> bool:
        """Return True if the caller may read this owner's quotation; an empty owner is the local caller."""
        return self.may_use(environment) and self.read_owner in (None, owner)

    def may_change(self, owner: str, environment: str) -> bool:
        """Return True if the caller may cancel and retry this owner's quotation."""
        return self.may_use(environment) and self.changed_owner in (None, owner)


LOCAL = Caller("", frozenset(), reads_all=True, operates=True)
"""The only caller of a gateway without keys."""
