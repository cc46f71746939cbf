"""Mirrors `quotation/`."""
