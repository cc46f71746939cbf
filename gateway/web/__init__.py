"""HTTP plumbing that REST and MCP share."""
