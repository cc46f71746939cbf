"""HTTP for REST and MCP alike: the port, its limits, middleware and problem documents."""
