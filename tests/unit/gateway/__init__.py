"""Mirrors `gateway/`, as far as it needs no Temporal."""
