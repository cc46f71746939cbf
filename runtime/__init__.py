"""The parts that gateway and worker share: settings, Temporal, HTTP, logs, monitoring, start and end."""

from importlib.metadata import version

NAME = "durable-quotations"
"""The name of the installed distribution."""

VERSION = version(NAME)
"""Its version."""
