"""Temporal's workflow sandbox, told which modules it need not load anew for each run."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

RUNNER = SandboxedWorkflowRunner(
    # pure code, imported late by the request's validation
    restrictions=SandboxRestrictions.default.with_passthrough_modules("email_validator", "idna", "quotation")
)
"""How a worker runs this package's workflows."""
