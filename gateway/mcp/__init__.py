"""The MCP server, for language models and their hosts."""
