"""Mirrors `activities/`."""
