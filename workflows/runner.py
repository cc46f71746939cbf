"""Temporal's workflow sandbox, with the modules that it need not load again for each run."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

RUNNER = SandboxedWorkflowRunner(
    # a run that loads them again costs 10 ms; ruff checks them for what differs in a replay (pyproject.toml)
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "quotation",
        "workflows",
        # pure code that the request's validation imports late
        "email_validator",
        "idna",
    )
)
"""The runner of this package's workflows. Their modules must have no state: all runs share it."""
