"""The MCP tools, one set per configured environment."""
