"""The refusals of the gateway, in sentences that the caller may read."""

from collections.abc import Sequence

from gateway.field_errors import FieldError, field_error, in_words
from quotation.errors import ErrorCode


class GatewayError(Exception):
    """A refused call. Its text is a sentence for the caller, without addresses or secrets."""

    errors: Sequence[FieldError] = ()
    """The wrong fields, if there are any."""
    code: ErrorCode | None = None
    """The stable code of Odoo's error, if Odoo refused the call."""

    @property
    def in_words(self) -> str:
        """The sentence, after the code if there is one."""
        return f"{self.code}: {self}" if self.code else str(self)


class UnknownEnvironmentError(GatewayError):
    """No environment with that name is configured."""

    def __init__(self) -> None:
        super().__init__("There is no environment with that name.")


class ForbiddenEnvironmentError(GatewayError):
    """The caller may not use that environment."""

    def __init__(self) -> None:
        super().__init__("You may not use this environment.")


class UnknownQuotationError(GatewayError):
    """No quotation with that tracking id exists in that environment, or the caller may not know of it."""

    def __init__(self, sentence: str = "There is no quotation with that tracking_id.") -> None:
        super().__init__(sentence)


class ForgottenQuotationError(UnknownQuotationError):
    """Temporal holds no quotation with that tracking id, but its log may be left."""


class UnreadLogError(UnknownQuotationError):
    """Temporal holds no quotation with that tracking id, and no worker could look for its log."""

    def __init__(self) -> None:
        super().__init__(
            "There is no recent quotation with that tracking_id, and old ones cannot be looked up at the moment."
            " If it is old, try again later."
        )


class UnreadableQuotationError(GatewayError):
    """The quotation is encrypted with a key that this gateway does not have, or a newer version wrote its log."""

    def __init__(self) -> None:
        super().__init__("This quotation cannot be read at the moment.")


class MalformedTrackingIdError(GatewayError):
    """The text does not have the form of a tracking id."""

    def __init__(self) -> None:
        sentence = "tracking_id must be 'quot_' followed by 12 lowercase hex digits, as returned by the start."
        super().__init__(sentence)
        self.errors = [field_error(["tracking_id"], sentence)]


class KeyReusedError(GatewayError):
    """The idempotency key belongs to another request."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was already used for a different request. Use a new key for a new request."
        )


class InvalidCorrectionError(GatewayError):
    """The last request with the corrected fields is not valid."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"The corrected request is not valid: {in_words(errors)}")
        self.errors = errors


class FixedFieldError(GatewayError):
    """A corrected field has already taken effect."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)} can no longer be changed: the record already exists in Odoo.")
        self.errors = [
            field_error([name], "can no longer be changed: its record already exists in Odoo") for name in names
        ]


class FinishedError(GatewayError):
    """The quotation is finished, so there is nothing to cancel."""

    def __init__(self) -> None:
        super().__init__("The quotation is finished and can no longer be cancelled.")


class NotRetryableError(GatewayError):
    """The quotation has neither failed nor been cancelled, or another call has just retried it."""

    def __init__(self) -> None:
        super().__init__("Only a failed or cancelled quotation can be retried.")


class NotKeptError(GatewayError):
    """Temporal no longer holds the quotation, so there is nothing that a retry could start from."""

    def __init__(self) -> None:
        super().__init__(
            "This quotation ended so long ago that only its log is left, so it can no longer be retried. Start a"
            " new one."
        )


class TooManyUnknownError(GatewayError):
    """The caller has asked for too many ids that Temporal does not know."""

    def __init__(self) -> None:
        super().__init__("You have asked for too many old or unknown tracking ids. Try again in a minute.")


class TemporalUnavailableError(GatewayError):
    """Temporal did not answer in time. The same call may work in a few seconds."""

    def __init__(self) -> None:
        super().__init__("The service is temporarily unavailable. Try again in a few seconds.")


class TemporalAwayError(TemporalUnavailableError):
    """Temporal did not answer an operator, who may know why."""

    def __init__(self, reason: str) -> None:
        GatewayError.__init__(self, f"Temporal does not answer: {reason}.")


class ListUnavailableError(TemporalUnavailableError):
    """Temporal's visibility did not answer, while Temporal itself does."""

    def __init__(self) -> None:
        GatewayError.__init__(
            self,
            "Quotations cannot be listed at the moment: Temporal's visibility does not answer. Starts and status"
            " reads are not affected. Try again in a few seconds.",
        )


class TooManyStreamsError(GatewayError):
    """The caller has as many event streams open as one caller may have."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"You may have at most {most} event streams open at a time. Close one before you open another."
        )


class UnexpectedError(GatewayError):
    """An unexpected error; its cause is in the log."""

    def __init__(self) -> None:
        super().__init__("An unexpected error occurred on the server.")


class IssuerUnavailableError(GatewayError):
    """The issuer of tokens did not provide its keys, so tokens cannot be checked."""

    def __init__(self) -> None:
        super().__init__("Tokens cannot be checked at the moment. Try again in a few seconds.")


class OdooUnreachableError(GatewayError):
    """No worker, or no Odoo, answered a look-up in time. The same call may work in a few seconds."""

    code = ErrorCode.ODOO_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("Odoo cannot be reached right now. Try again in a few seconds.")


class OdooOccupiedError(GatewayError):
    """Odoo is busy with other calls, so a look-up got no turn in time. The same call may work in a few seconds."""

    code = ErrorCode.ODOO_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("Odoo is busy with other calls right now. Try again in a few seconds.")


class OdooFailedError(GatewayError):
    """Odoo refused a look-up for a reason that is not the caller's fault, e.g. the rights of its user."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class RefusedRequestError(GatewayError):
    """The request is well-formed, but with the current data in Odoo it would fail."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
