"""The records in Temporal, Odoo and S3 after everything has come to rest."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from temporalio.client import Client

from gateway.rest.answers import SpokenStatus
from quotation import messages
from quotation.document import LogDocument
from quotation.identity import MODULE
from quotation.status import QuotationStatus, State
from sandbox.servers import s3_client
from sandbox.system import BUCKET, PREFIX
from tests.chaos.load import KNOWN_CUSTOMERS, Start, known_email
from tests.chaos.targets import Targets
from tests.support.odoo_view import OdooView

Row = dict[str, Any]

_PRICE_TOLERANCE = 0.005


@dataclass
class Standing:
    """One start, and all its records."""

    start: Start
    status: QuotationStatus | None
    """The gateway's answer, or None if Temporal has no run of it."""
    leads: Sequence[Row] = ()
    orders: Sequence[Row] = ()
    lines: Sequence[Row] = ()
    named: Counter[str] = field(default_factory=Counter)
    """How many external ids there are for its leads, orders and lines, by model."""
    partners: Sequence[Row] = ()
    """The partners of its e-mail address."""
    log: LogDocument | None = None

    @property
    def name(self) -> str:
        return self.start.tracking_id or (self.status and self.status.tracking_id) or self.start.lead_name

    @property
    def is_completed(self) -> bool:
        return self.status is not None and self.status.status is State.COMPLETED

    @property
    def is_converted(self) -> bool:
        return bool(self.leads) and all(
            lead["type"] == "opportunity" and lead["date_conversion"] for lead in self.leads
        )

    @property
    def is_logged(self) -> bool:
        """True if its final log exists and agrees with the gateway."""
        return (
            self.log is not None
            and self.status is not None
            and (self.log.status, self.log.result, self.log.completed_at)
            == (self.status.status, self.status.result, self.status.completed_at)
        )

    def problems(self) -> Iterable[str]:
        """Return a sentence for each record that is missing, doubled or not as requested."""
        if self.status is None:
            if self.start.tracking_id:
                yield "was accepted, and Temporal does not know it"
            if self.leads or self.orders or self.lines:
                yield "is in Odoo, and Temporal does not know it"
            return
        if not self.is_completed:
            reason = self.status.error.message if self.status.error else "no error"
            yield f"is {self.status.status} at {self.status.step}: {reason}"
            yield from (f"has {len(rows)} {what}" for what, rows in self._records() if len(rows) > 1)
            return
        yield from (f"has {len(rows)} {what}" for what, rows in self._records() if len(rows) != 1)
        if not self._has_lines_as_asked:
            found = [(row["product_id"][0], row["product_uom_qty"], row["price_unit"]) for row in self.lines]
            yield f"has lines {found}, and asked for {self.start.lines}"
        expected = {"crm.lead": 1, "sale.order": 1, "sale.order.line": len(self.start.lines)}
        if self.named != expected:
            yield f"has the external ids {dict(self.named)}"
        if not self.is_converted:
            yield "is not converted"
        if not self.is_logged:
            yield f"has the log {self.log and self.log.status}, and the gateway says {self.status.status}"
        if not self._is_linked:
            yield "has records that do not belong together"

    def _records(self) -> list[tuple[str, Sequence[Row]]]:
        return [("leads", self.leads), ("orders", self.orders), ("partners", self.partners)]

    @property
    def _has_lines_as_asked(self) -> bool:
        if len(self.lines) != len(self.start.lines):
            return False
        return all(
            (row["product_id"][0], row["product_uom_qty"]) == (product, quantity)
            and (price is None or abs(row["price_unit"] - price) < _PRICE_TOLERANCE)
            for row, (product, quantity, price) in zip(self.lines, self.start.lines, strict=True)
        )

    @property
    def _is_linked(self) -> bool:
        """True if lead, order and result belong to one partner and to each other."""
        if not (self.leads and self.orders and self.partners and self.status):
            return False
        lead, order, partner, result = self.leads[0], self.orders[0], self.partners[0], self.status.result
        return (
            lead["partner_id"][0] == order["partner_id"][0] == partner["id"] == result.partner_id
            and order["opportunity_id"][0] == lead["id"] == result.lead_id == result.opportunity_id
            and (order["id"], order["name"]) == (result.sale_order_id, result.sale_order_name)
            and [line["id"] for line in self.lines] == [line.line_id for line in result.lines]
        )


@dataclass
class Count:
    """The records of each start, and those that belong to no start."""

    standings: list[Standing]
    contacts: Counter[str]
    """How many contacts the partner of each address has."""
    strangers: list[str]
    """Sentences about records that no customer asked for."""

    @property
    def accepted(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.start.tracking_id]

    @property
    def made(self) -> list[Standing]:
        """The starts of which Temporal has a run, accepted or with their answer lost."""
        return [standing for standing in self.standings if standing.status]

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that is wrong."""
        found = [f"{standing.name} {text}" for standing in self.standings for text in standing.problems()]
        for email in {standing.start.email for standing in self.made}:
            expected = 0 if email in _KNOWN else 1
            if self.contacts[email] != expected:
                found.append(f"the partner of {email} has {self.contacts[email]} contacts")
        return found + self.strangers


async def count(targets: Targets, temporal: Client, starts: list[Start]) -> Count:
    """Count the records of these starts. All runs must have ended."""
    statuses = await _statuses(targets, temporal)
    return await asyncio.to_thread(_count, targets, starts, statuses)


async def _statuses(targets: Targets, temporal: Client) -> dict[str, QuotationStatus]:
    """Return the status of each run that Temporal has, as the gateway tells it."""
    statuses: dict[str, QuotationStatus] = {}
    async with httpx2.AsyncClient(base_url=targets.system.gateway_url, timeout=30) as http:
        async for run in temporal.list_workflows(f"WorkflowType = '{messages.WORKFLOW}'"):
            answer = await http.get(f"/api/quotation/status/{run.id}")
            statuses[run.id] = SpokenStatus.model_validate_json(answer.raise_for_status().content)
    return statuses


def _count(targets: Targets, starts: list[Start], statuses: dict[str, QuotationStatus]) -> Count:
    view = OdooView(targets.odoo)
    by_title = {status.result.lead_name: status for status in statuses.values()}
    leads = _grouped(view, "crm.lead", "name", "type", "date_conversion", "partner_id")
    orders = _grouped(view, "sale.order", "origin", "name", "partner_id", "opportunity_id", "order_line")
    fields = ("order_id", "product_id", "product_uom_qty", "price_unit", "sequence")
    lines = _grouped(view, "sale.order.line", "order_id", *fields)
    partners = _grouped(view, "res.partner", "email_normalized", "parent_id", "child_ids")
    named = _external_ids(view)
    standings = []
    for start in starts:
        status = statuses.get(start.tracking_id) if start.tracking_id else by_title.get(start.lead_name)
        tracking_id = start.tracking_id or (status.tracking_id if status else "")
        its_orders = orders.pop(start.lead_name, [])
        its_lines = [line for order in its_orders for line in lines.pop(order["id"], [])]
        standing = Standing(
            start,
            status,
            leads=leads.pop(start.lead_name, []),
            orders=its_orders,
            lines=sorted(its_lines, key=lambda line: (line["sequence"], line["id"])),
            named=named.pop(tracking_id, Counter()),
            partners=partners.get(start.email, []),
            log=_log(targets, status) if status else None,
        )
        standings.append(standing)
    contacts = Counter({email: len(row["child_ids"]) for email, rows in partners.items() for row in rows if email})
    strangers = [f"there are {len(rows)} leads {title!r} of no start" for title, rows in leads.items()]
    strangers += [f"there are {len(rows)} orders of {title!r}, of no start" for title, rows in orders.items()]
    strangers += [f"there are {len(rows)} lines of order {order}, of no start" for order, rows in lines.items()]
    strangers += [f"there are external ids of {tracking_id!r}, of no start" for tracking_id in named]
    asked = {standing.start.tracking_id or standing.name for standing in standings}
    strangers += [f"{tracking_id} was started by nobody" for tracking_id in statuses.keys() - asked]
    return Count(standings, contacts, strangers)


def _grouped(view: OdooView, model: str, key: str, *fields: str) -> dict[Any, list[Row]]:
    """Return all records of a model, archived ones too, by the value of a field."""
    grouped = defaultdict(list)
    for row in view.find(model, fields=(key, *fields)):
        value = row[key]
        grouped[value[0] if isinstance(value, list) else value].append(row)
    return grouped


def _external_ids(view: OdooView) -> dict[str, Counter[str]]:
    """Return the number of records of each model, by tracking id."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    domain = ["module", "=", MODULE], ["model", "!=", "res.partner"]
    for row in view.find("ir.model.data", *domain, fields=("name", "model")):
        counts["_".join(row["name"].split("_")[:2])][row["model"]] += 1
    return counts


def _log(targets: Targets, status: QuotationStatus) -> LogDocument | None:
    s3 = s3_client(targets.s3.url)
    key = f"{PREFIX}/{status.created_at:%Y/%m}/{status.tracking_id}.log"
    try:
        return LogDocument.model_validate_json(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None


_KNOWN = {known_email(number) for number in range(KNOWN_CUSTOMERS)}
