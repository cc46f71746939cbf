"""Mirrors `runtime/`."""
