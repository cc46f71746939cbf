"""Helpers of several folders of tests: servers that follow a script, clients, and the request that they send."""
