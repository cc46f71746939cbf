"""The service behind REST and MCP: the only room of the gateway that talks to Temporal."""
