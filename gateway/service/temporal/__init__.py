"""Calls to Temporal: its client, runs, search attributes and namespace."""
