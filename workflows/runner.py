"""Temporal's workflow sandbox, with the modules that it need not load again for each run."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

RUNNER = SandboxedWorkflowRunner(
    # pure code that the request's validation imports late
    restrictions=SandboxRestrictions.default.with_passthrough_modules("email_validator", "idna", "quotation")
)
"""The runner of this package's workflows."""
