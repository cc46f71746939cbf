"""What the gateway can refuse, in sentences that whoever asked may read."""


class GatewayError(Exception):
    """A call that was refused; its text is one sentence for the caller and names no address and no secret."""


class UnknownEnvironmentError(GatewayError):
    """No environment of that name is configured."""

    def __init__(self) -> None:
        super().__init__("There is no environment of that name.")


class UnknownQuotationError(GatewayError):
    """No quotation has that tracking id, or none in that environment."""

    def __init__(self) -> None:
        super().__init__("There is no quotation with that tracking_id.")


class MalformedTrackingIdError(GatewayError):
    """What was given cannot be a tracking id."""

    def __init__(self) -> None:
        super().__init__("tracking_id must be 'quot_' and 12 lower-case hex digits, as the start returned it.")


class TemporalUnavailableError(GatewayError):
    """Temporal did not answer, or not in time; the same call may work in a few seconds."""

    def __init__(self) -> None:
        super().__init__("The service is temporarily unavailable. Try again in a few seconds.")
