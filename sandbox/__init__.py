"""Servers and helpers for a local run and for tests; nothing here is deployed."""
