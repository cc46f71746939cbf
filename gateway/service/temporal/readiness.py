"""Whether the gateway can serve, and what it goes on without."""

from temporalio.client import Client

from gateway.errors import TemporalUnavailableError
from gateway.service.temporal.attributes import QuotationAttributes
from runtime import temporal

_LOOK_SECONDS = 2.0


class Readiness:
    """Asks Temporal, within 10 seconds."""

    def __init__(self, client: Client, attributes: QuotationAttributes) -> None:
        self._client = client
        self._attributes = attributes

    async def missing(self) -> list[str]:
        """Return what Temporal does not offer, in sentences for operators.

        Raises:
            TemporalUnavailableError: It does not answer at all.
            SettingsError: It has no such namespace any more.
        """
        if not await temporal.answers(self._client):
            raise TemporalUnavailableError
        await temporal.check_namespace(self._client, _LOOK_SECONDS)
        await self._attributes.look(_LOOK_SECONDS)
        return self._attributes.missing
