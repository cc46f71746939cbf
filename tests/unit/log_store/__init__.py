"""Mirrors `log_store/`."""
