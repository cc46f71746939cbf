"""The gateway: REST and MCP, two thin layers over one service that talks to Temporal."""
