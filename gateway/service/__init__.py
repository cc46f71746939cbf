"""The one part that talks to Temporal; REST and MCP are thin skins over it."""
