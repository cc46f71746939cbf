"""Calls to Temporal: each is bounded, and each failure becomes one of ours."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.service import RPCError, RPCStatusCode

from gateway.errors import TemporalUnavailableError, UnknownQuotationError
from gateway.metrics import TEMPORAL_FAILURES

logger = logging.getLogger(__name__)


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncIterator[None]:
    """Bound what is awaited inside.

    Raises `TemporalUnavailableError` where Temporal does not answer in time or refuses, and
    `UnknownQuotationError` where it knows no such run.
    """
    # the SDK's core repeats a failed call for 6 to 9 s, whatever time-out the call itself was given
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        logger.warning("Temporal did not answer within %s s", seconds)
        TEMPORAL_FAILURES.labels("no_answer").inc()
        raise TemporalUnavailableError from None
    except RPCError as error:
        if _says_unknown_run(error):
            raise UnknownQuotationError from None
        logger.warning("Temporal did not serve a call: %s", error.status.name)
        TEMPORAL_FAILURES.labels(error.status.name.lower()).inc()
        raise TemporalUnavailableError from None
    except RuntimeError:
        # a client that has not been connected yet raises this, with the address in its text
        logger.warning("Temporal cannot be reached")
        TEMPORAL_FAILURES.labels("unreachable").inc()
        raise TemporalUnavailableError from None


def _says_unknown_run(error: RPCError) -> bool:
    # a namespace that does not exist is NOT_FOUND too, and is no caller's fault
    return error.status is RPCStatusCode.NOT_FOUND and any(
        detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details
    )
