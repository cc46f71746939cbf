"""Looks up products and customers in Odoo, and checks requests, by way of short workflows."""

import asyncio
import logging
import secrets
from datetime import timedelta
from typing import Literal, TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from gateway.errors import (
    GatewayError,
    OdooFailedError,
    OdooOccupiedError,
    OdooUnreachableError,
    RefusedRequestError,
)
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.temporal.deadlines import answered_within
from quotation import lookups
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.lookups import Checked, PartnerPage, PartnerQuery, ProductPage, ProductQuery
from quotation.messages import CheckRequest
from quotation.request import QuotationRequest
from quotation.warning import added, warnings_of

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_SECONDS = 8.0

_REQUEST_S_FAULT = frozenset(
    {
        ErrorCode.PRODUCT_NOT_FOUND,
        ErrorCode.PRODUCT_AMBIGUOUS,
        ErrorCode.PRODUCT_NOT_QUOTABLE,
        ErrorCode.CURRENCY_MISMATCH,
        ErrorCode.USER_NOT_FOUND,
        ErrorCode.ODOO_ACCESS_DENIED,
        ErrorCode.ODOO_REJECTED,
    }
)


class CheckedQuotation(Checked):
    """A request that was checked: nothing was started and nothing was written."""

    status: Literal["checked"] = "checked"
    environment: str


class Lookups:
    """Asks the Odoo of an environment, if the caller may use it.

    Every method raises as `ConfiguredEnvironments.named`, at once, and these errors within 10 seconds:

    Raises:
        TemporalUnavailableError: Temporal did not answer.
        OdooUnreachableError: No worker answered, or Odoo did not.
        OdooOccupiedError: The look-up got no turn, because Odoo is busy.
        OdooFailedError: Odoo refused the look-up, through no fault of the caller's.
    """

    def __init__(self, client: Client, environments: ConfiguredEnvironments) -> None:
        self._client = client
        self._environments = environments

    async def find_products(self, caller: Caller, environment_name: str, query: ProductQuery) -> ProductPage:
        """Return a page of the products that match."""
        environment = self._environments.named(environment_name, caller)
        try:
            return await self._ask(environment, lookups.PRODUCTS_WORKFLOW, query, ProductPage)
        except ApplicationError as error:
            raise _failed(error) from None

    async def find_partners(self, caller: Caller, environment_name: str, query: PartnerQuery) -> PartnerPage:
        """Return a page of the customers that match."""
        environment = self._environments.named(environment_name, caller)
        try:
            return await self._ask(environment, lookups.PARTNERS_WORKFLOW, query, PartnerPage)
        except ApplicationError as error:
            raise _failed(error) from None

    async def check(self, caller: Caller, environment_name: str, request: QuotationRequest) -> CheckedQuotation:
        """Return what a quotation would use. Raises `RefusedRequestError` for a request that would fail."""
        environment = self._environments.named(environment_name, caller)
        looked_up = CheckRequest.from_request(request)
        try:
            checked = await self._ask(environment, lookups.CHECK_WORKFLOW, looked_up, Checked)
        except ApplicationError as error:
            if error.type in _REQUEST_S_FAULT:
                raise RefusedRequestError(ErrorCode(error.type), error.message) from None
            raise _failed(error) from None
        known = {"environment": environment.label, "warnings": added(warnings_of(request), checked.warnings)}
        return CheckedQuotation(**{**dict(checked), **known})

    async def _ask(
        self, environment: Environment, workflow: str, argument: BaseModel, returns: type[Answer]
    ) -> Answer:
        """Run a look-up. Raises `ApplicationError` with what Odoo said."""
        deadline = asyncio.get_running_loop().time() + _SECONDS
        async with answered_within(_SECONDS):
            handle: WorkflowHandle[object, Answer] = await self._client.start_workflow(
                workflow,
                argument,
                # random: an id shows in Temporal's lists, and must not identify a customer
                id=f"{lookups.ID_PREFIX}{secrets.token_hex(12)}",
                task_queue=environment.lookup_queue,
                result_type=returns,
                # a look-up without a waiting caller must not occupy a worker
                execution_timeout=timedelta(seconds=_SECONDS),
            )
        try:
            async with asyncio.timeout_at(deadline), answered_within(_SECONDS):
                return await handle.result()
        except WorkflowFailureError as error:
            if isinstance(error.cause, ApplicationError):
                raise error.cause from None
        except TimeoutError:
            pass
        logger.warning("no worker of %s answered a look-up within %g s", environment, _SECONDS)
        raise OdooUnreachableError


def _failed(error: ApplicationError) -> GatewayError:
    if error.type == lookups.BUSY:
        return OdooOccupiedError()
    if error.type == ErrorCode.ODOO_UNAVAILABLE:
        return OdooUnreachableError()
    code = next((code for code in ErrorCode if code == error.type), ErrorCode.ODOO_UNEXPECTED)
    return OdooFailedError(code, error.message)
