"""What the gateway can refuse, in sentences that whoever asked may read."""

from collections.abc import Sequence

from gateway.field_errors import FieldError, field_error, in_words
from quotation.errors import ErrorCode


class GatewayError(Exception):
    """A call that was refused; its text is one sentence for the caller and names no address and no secret."""

    errors: Sequence[FieldError] = ()
    """The offending fields, where there are any."""
    code: ErrorCode | None = None
    """The stable code of what Odoo said, where it was Odoo."""

    @property
    def in_words(self) -> str:
        """The sentence, after the code where there is one."""
        return f"{self.code}: {self}" if self.code else str(self)


class UnknownEnvironmentError(GatewayError):
    """No environment of that name is configured."""

    def __init__(self) -> None:
        super().__init__("There is no environment of that name.")


class ForbiddenEnvironmentError(GatewayError):
    """The caller may not use that environment."""

    def __init__(self) -> None:
        super().__init__("You may not use this environment.")


class UnknownQuotationError(GatewayError):
    """No quotation has that tracking id, or none that the caller may know of, or none in that environment."""

    def __init__(self) -> None:
        super().__init__("There is no quotation with that tracking_id.")


class UnreadableQuotationError(GatewayError):
    """Temporal has the quotation encrypted with a key that this gateway was not given."""

    def __init__(self) -> None:
        super().__init__("This quotation cannot be read at the moment.")


class MalformedTrackingIdError(GatewayError):
    """What was given cannot be a tracking id."""

    def __init__(self) -> None:
        sentence = "tracking_id must be 'quot_' and 12 lower-case hex digits, as the start returned it."
        super().__init__(sentence)
        self.errors = [field_error(["tracking_id"], sentence)]


class KeyReusedError(GatewayError):
    """The idempotency key belongs to another request."""

    def __init__(self) -> None:
        super().__init__("This idempotency key was used with another request; a new request needs a new key.")


class InvalidCorrectionError(GatewayError):
    """The last request with the corrected fields in it is no valid request."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"The corrected request is not valid: {in_words(errors)}")
        self.errors = errors


class FixedFieldError(GatewayError):
    """A corrected field has taken effect already."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)} cannot change any more: what it tells exists in Odoo already.")
        self.errors = [field_error([name], "cannot change: its record exists in Odoo already") for name in names]


class FinishedError(GatewayError):
    """The quotation is finished: there is nothing left to cancel."""

    def __init__(self) -> None:
        super().__init__("The quotation is finished; it cannot be cancelled any more.")


class NotRetryableError(GatewayError):
    """The quotation has neither failed nor been cancelled, or somebody else has just retried it."""

    def __init__(self) -> None:
        super().__init__("Only a quotation that failed or was cancelled can be retried.")


class TemporalUnavailableError(GatewayError):
    """Temporal did not answer, or not in time; the same call may work in a few seconds."""

    def __init__(self) -> None:
        super().__init__("The service is temporarily unavailable. Try again in a few seconds.")


class IssuerUnavailableError(GatewayError):
    """The issuer of tokens did not tell its keys, so that no token can be checked."""

    def __init__(self) -> None:
        super().__init__("Tokens cannot be checked at the moment. Try again in a few seconds.")


class OdooUnreachableError(GatewayError):
    """No worker, or no Odoo, answered a look-up in time; the same call may work in a few seconds."""

    code = ErrorCode.ODOO_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("Odoo cannot be reached right now. Try again in a few seconds.")


class OdooFailedError(GatewayError):
    """Odoo answered a look-up with a refusal that is no fault of the caller's: its user, its rights, itself."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class RefusedRequestError(GatewayError):
    """The request is well-formed, but as things stand in Odoo it would fail."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
