"""The gateway: REST and MCP, two thin skins over one service that talks to Temporal."""

from importlib.metadata import version

NAME = "durable-quotations"
"""How the gateway introduces itself to MCP clients; also the name of the installed distribution."""

VERSION = version(NAME)
"""The version of the installed distribution."""
