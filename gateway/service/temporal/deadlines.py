"""Limits the time of calls to Temporal, and translates their failures into our errors."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.service import RPCError, RPCStatusCode

from gateway.errors import TemporalUnavailableError, UnknownQuotationError
from gateway.metrics import TEMPORAL_FAILURES

logger = logging.getLogger(__name__)

_NOT_CONNECTED = "Failed client connect: "


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncIterator[None]:
    """Bound what is awaited inside.

    Raises:
        TemporalUnavailableError: Temporal does not answer in time, or refuses.
        UnknownQuotationError: It knows no such run.
    """
    # the SDK's core repeats a failed call for 6 to 9 s, whatever time-out the call itself was given
    try:
        async with asyncio.timeout(seconds):
            with connecting():
                yield
    except TimeoutError:
        logger.warning("Temporal did not answer within %s s", seconds)
        TEMPORAL_FAILURES.labels("no_answer").inc()
        raise TemporalUnavailableError from None
    except RPCError as error:
        if _says_unknown_run(error):
            raise UnknownQuotationError from None
        logger.warning("a call to Temporal failed: %s", error.status.name)
        TEMPORAL_FAILURES.labels(error.status.name.lower()).inc()
        raise TemporalUnavailableError from None
    except NotConnectedError:
        logger.warning("Temporal cannot be reached")
        TEMPORAL_FAILURES.labels("unreachable").inc()
        raise TemporalUnavailableError from None


class NotConnectedError(Exception):
    """A client that has never been connected cannot reach Temporal."""


@contextmanager
def connecting() -> Iterator[None]:
    """Raise `NotConnectedError` if a client cannot connect at its first call inside."""
    try:
        yield
    except RuntimeError as error:
        # the SDK has no class for it, and its text goes on with the address
        if not str(error).startswith(_NOT_CONNECTED):
            raise
        raise NotConnectedError from None


def _says_unknown_run(error: RPCError) -> bool:
    # a namespace that does not exist is NOT_FOUND too, and is not a caller's fault
    return error.status is RPCStatusCode.NOT_FOUND and any(
        detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details
    )
