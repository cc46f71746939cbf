"""The gateway: REST and MCP, two thin layers over one service that talks to Temporal."""

from importlib.metadata import version

NAME = "durable-quotations"
"""The gateway's name for MCP clients, and the name of the installed distribution."""

VERSION = version(NAME)
"""The version of the installed distribution."""
