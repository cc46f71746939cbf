"""The runner of this package's workflows."""

from temporalio.worker import UnsandboxedWorkflowRunner

# loading this code again for each run is dear, and the sandbox checks nothing that it need not load again; ruff
# does (pyproject.toml). A sandbox that checks nothing takes a tenth of the worker's time.
RUNNER = UnsandboxedWorkflowRunner()
"""Runs workflows without the SDK's sandbox. Their modules must have no state: all runs share it."""
