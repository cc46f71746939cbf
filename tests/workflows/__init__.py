"""The workflow on the time-skipping server."""
