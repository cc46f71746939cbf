"""Looks up products and customers in Odoo, and checks requests, by way of short workflows."""

from typing import Literal

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from gateway.errors import (
    GatewayError,
    OdooFailedError,
    OdooOccupiedError,
    OdooUnreachableError,
    RefusedRequestError,
)
from gateway.service.asking import Answer, UnansweredError, Workers
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from quotation import lookups
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.lookups import Checked, PartnerPage, PartnerQuery, ProductPage, ProductQuery
from quotation.messages import CheckRequest
from quotation.request import QuotationRequest
from quotation.warning import added, warnings_of

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
        self._workers = Workers(client)
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
        try:
            return await self._workers.ask(environment.lookup_queue, workflow, argument, returns)
        except UnansweredError:
            raise OdooUnreachableError from None


def _failed(error: ApplicationError) -> GatewayError:
    if error.type == lookups.BUSY:
        return OdooOccupiedError()
    if error.type == ErrorCode.ODOO_UNAVAILABLE:
        return OdooUnreachableError()
    code = next((code for code in ErrorCode if code == error.type), ErrorCode.ODOO_UNEXPECTED)
    return OdooFailedError(code, error.message)
