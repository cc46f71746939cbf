"""The checks that every request passes before it is served: host, caller, rate."""
