"""The gateway as a real process, before a real Temporal."""
