"""The failure of a quotation, from the error of the activity that failed."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from quotation.errors import ErrorCode
    from quotation.status import Failure, Step


def failure_of(error: ActivityError, step: Step) -> Failure:
    """Return the code and the sentence with which a step failed."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type in set(ErrorCode):
        return Failure(code=ErrorCode(cause.type), message=cause.message, step=step)
    if isinstance(cause, ApplicationError) and cause.non_retryable:
        # the code of a newer version
        return Failure(code=ErrorCode.ODOO_UNEXPECTED, message=cause.message, step=step)
    # no attempt ended within the 24 hours of the step
    return Failure(code=ErrorCode.ODOO_UNAVAILABLE, message="Odoo did not answer in time.", step=step)
