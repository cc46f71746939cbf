"""Checks every request passes before it is served: host, caller, rate."""
