"""How many calls a quotation makes, and how many of them in a row: they are most of its time."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from threading import Barrier
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client

from activities.report import Troubles
from activities.settings import OdooSettings
from log_store import LogStore
from quotation.identity import fingerprint, new_tracking_id
from quotation.messages import WORKFLOW, QuotationInput, task_queue
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus
from sandbox.real_odoo import OdooAccess, Protocol
from sandbox.servers import S3_SETTINGS, s3_client, s3_server
from tests.odoo.client import Session, unique
from tests.support.odoo_relay import FORWARD, Answer, OdooRelay, relay_to
from tests.support.requests import ABSENT, unique_body
from worker import create_odoo, create_workers, running

WIZARD = "crm.lead2opportunity.partner"
CHECKS = {"product.product.search_read", "res.partner.search_read", "ir.model.data.check_object_reference"}
FROM_LEAD = (
    {"crm.lead.load"},
    {f"{WIZARD}.web_save", "sale.order.load"},
    {f"{WIZARD}.action_apply", "sale.order.web_read"},
)
NEW_CUSTOMER: Sequence[set[str]] = (CHECKS, {"res.partner.load"}, *FROM_LEAD)
KNOWN_CUSTOMER: Sequence[set[str]] = (CHECKS, *FROM_LEAD)
"""The calls in their order; those of one set run side by side."""

SECONDS = 30
"""How long a call waits for the others of its set, on a busy machine."""


class Quotations:
    """Runs quotations with the real workflow and activities."""

    def __init__(self, temporal: Client, environment: str, relay: OdooRelay) -> None:
        self.relay = relay
        self._temporal = temporal
        self._environment = environment

    async def run(self, **fields: Any) -> QuotationStatus:
        request = QuotationRequest.model_validate(unique_body(**fields))
        status: QuotationStatus = await self._temporal.execute_workflow(
            WORKFLOW,
            QuotationInput(request=request, environment=self._environment, fingerprint=fingerprint(request)),
            id=new_tracking_id(),
            task_queue=task_queue(self._environment),
            result_type=QuotationStatus,
        )
        return status

    async def calls_of(self, rounds: Sequence[set[str]] = (), **fields: Any) -> Counter[str]:
        """Return the calls of one quotation; each waits until the others of its round have arrived."""
        self.relay.answers = {name: answer for one in rounds for name, answer in _meeting(one).items()}
        self.relay.counted.clear()
        status = await self.run(**fields)
        assert status.result.sale_order_name
        assert status.result.amount_total
        return self.relay.counted


def _meeting(calls: set[str]) -> dict[str, Answer]:
    barrier = Barrier(len(calls))

    def wait(_: list[Any], __: dict[str, Any]) -> Any:
        barrier.wait(SECONDS)
        return FORWARD

    return dict.fromkeys(calls, wait)


@pytest.fixture
def relay(odoo: OdooAccess) -> Iterator[OdooRelay]:
    with relay_to(odoo) as relay:
        yield relay


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for the logs."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        s3_client(server.url).create_bucket(Bucket="logs")
        yield server.url


@pytest.fixture
def protocol() -> Protocol:
    """The protocol of the worker; a test may ask for another one."""
    return Protocol.XMLRPC


@pytest.fixture
async def quotations(
    protocol: Protocol, relay: OdooRelay, temporal: Client, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Quotations]:
    for name, value in (S3_SETTINGS | {"AWS_ENDPOINT_URL_S3": s3_url}).items():
        monkeypatch.setenv(name, value)
    environment = unique()
    login = relay.credentials
    secret: dict[str, Any] = {"password": SecretStr(login.password)}
    if protocol is Protocol.JSON2:
        secret = {"api_key": SecretStr(relay.odoo.api_key)}
    settings = OdooSettings(url=login.url, db=login.db, username=login.username, **secret)
    odoo = create_odoo(settings)
    async with running(
        create_workers(temporal, environment, odoo, settings, LogStore("logs", "", None), troubles=Troubles())
    ):
        quotations = Quotations(temporal, environment, relay)
        # from now on the worker is warm: it knows what is the same for every quotation
        await quotations.run(product_price=5)
        yield quotations
    await odoo.close()


@pytest.mark.parametrize(
    ("price", "protocol"),
    [(-1, Protocol.XMLRPC), (15000.5, Protocol.XMLRPC), (15000.5, Protocol.JSON2)],
    ids=["computed", "agreed", "agreed-json2"],
)
async def test_a_new_customer_takes_nine_calls_five_in_a_row(quotations: Quotations, price: float) -> None:
    made = await quotations.calls_of(NEW_CUSTOMER, product_price=price, notes="")
    assert made == Counter(name for one in NEW_CUSTOMER for name in one)
    assert (made.total(), len(NEW_CUSTOMER)) == (9, 5)


async def test_a_known_customer_takes_eight_calls_four_in_a_row(
    quotations: Quotations, salesperson: Session, word: str
) -> None:
    salesperson.create("res.partner", name="Acme Corp", email=f"{word}@acme.test", phone="5512345678")
    made = await quotations.calls_of(KNOWN_CUSTOMER, email=f"{word}@acme.test", contact_name="")
    assert made == Counter(name for one in KNOWN_CUSTOMER for name in one)
    assert (made.total(), len(KNOWN_CUSTOMER)) == (8, 4)


async def test_several_lines_take_no_further_call(quotations: Quotations) -> None:
    lines = [{"product_id": 26174}, {"product_id": 26175, "product_qty": 2}, {"product_id": 26174}]
    assert (await quotations.calls_of(NEW_CUSTOMER, product_id=ABSENT, lines=lines)).total() == 9


async def test_lines_with_and_without_a_price_take_two_more(quotations: Quotations) -> None:
    lines = [{"product_id": 26174}, {"product_id": 26175, "product_price": 5}, {"product_id": 26176}]
    made = await quotations.calls_of(product_id=ABSENT, lines=lines)
    assert made - Counter(name for one in NEW_CUSTOMER for name in one) == {
        "sale.order.line.load": 1,
        "sale.order.web_read": 1,
    }
