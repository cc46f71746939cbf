"""Tests without Temporal: one module at a time, against real servers where it needs any."""
