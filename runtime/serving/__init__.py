"""Serving HTTP: the socket, and a server that leaves the signals to `runtime.process`."""
