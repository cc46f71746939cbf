from collections.abc import Awaitable, Callable

import pytest
from temporalio.client import Client

from gateway.errors import ForbiddenEnvironmentError, GatewayError, UnknownEnvironmentError
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.lookups import Lookups
from quotation.environment import Environment
from quotation.lookups import PartnerQuery, ProductQuery
from quotation.request import QuotationRequest
from tests.support.requests import REQUEST

ENVIRONMENTS = ConfiguredEnvironments([Environment("dev", "development"), Environment("prod", "production")])
ANA = Caller("ana", frozenset({"dev"}))

Call = Callable[[Lookups, str], Awaitable[object]]

CALLS: list[Call] = [
    lambda lookups, environment: lookups.find_products(ANA, environment, ProductQuery(query="robot")),
    lambda lookups, environment: lookups.find_partners(ANA, environment, PartnerQuery(query="acme")),
    lambda lookups, environment: lookups.check(ANA, environment, QuotationRequest.model_validate(REQUEST)),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("environment", "error"), [("prod", ForbiddenEnvironmentError), ("staging", UnknownEnvironmentError)]
)
async def test_an_environment_that_is_not_the_callers_is_refused_before_temporal_is_asked(
    nowhere: Client, call: Call, environment: str, error: type[GatewayError]
) -> None:
    lookups = Lookups(nowhere, ENVIRONMENTS)

    with pytest.raises(error):
        await call(lookups, environment)
