"""An environment: one Odoo that quotations are written to."""

from dataclasses import dataclass

from quotation import lookups, messages


@dataclass(frozen=True)
class Environment:
    """A configured environment."""

    name: str
    """Its name in settings, paths, tool names, scopes and task queues, e.g. `dev`."""
    label: str
    """Its name in results and descriptions, e.g. `development`."""

    @property
    def is_production(self) -> bool:
        """True if customers and salespeople see what is written there."""
        return self.name == "prod" or self.label == "production"

    @property
    def task_queue(self) -> str:
        """The task queue of its quotations."""
        return messages.task_queue(self.name)

    @property
    def lookup_queue(self) -> str:
        """The task queue of its look-ups."""
        return lookups.task_queue(self.name)
