from decimal import Decimal

import pytest

from quotation.errors import ErrorCode
from quotation.shown.details import details_of
from quotation.shown.summary import summary_of
from quotation.status import Failure, QuotationStatus, Result, ResultLine, State, Step
from quotation.stored.request import StoredLine, StoredRequest
from quotation.warning import QuotationWarning, WarningCode

URL = "https://odoo.test/odoo/sales/18694"
OLD_URL = "https://odoo.test/web#id=18694&model=sale.order&view_type=form"


def request(*lines: StoredLine) -> StoredRequest:
    return StoredRequest(partner_name="Acme *Corp*", email="ana@acme.test", lead_name="Robots", lines=lines)


def line(product: str = "", product_id: int = 0, quantity: str = "1") -> StoredLine:
    return StoredLine(product=product, product_id=product_id, product_qty=Decimal(quantity))


@pytest.mark.parametrize(
    ("lines", "order", "summary"),
    [
        ([line("Robot PUDU")], None, "Robot PUDU ×1"),
        ([line(product_id=26174, quantity="2.50")], None, "product 26174 ×2.5"),
        ([line("Robot PUDU", quantity="100")], "S00042", "S00042 · Robot PUDU ×100"),
        ([line("a"), line("b"), line("c")], None, "3 lines"),
        ([line("[free](https://x.test)\nnow")], None, r"\[free\](https://x.test) now ×1"),
    ],
)
def test_a_summary_names_order_and_product_and_no_customer(
    lines: list[StoredLine], order: str | None, summary: str
) -> None:
    assert summary_of(request(*lines), order, shows_customer=False) == summary


def test_a_summary_names_the_customer_only_if_it_may() -> None:
    assert summary_of(request(line("PUDU")), None, shows_customer=True) == r"Acme \*Corp\* · PUDU ×1"


def test_a_summary_has_at_most_200_bytes() -> None:
    summary = summary_of(request(line("é" * 300)), None, shows_customer=False)

    assert summary == "é" * 100


def status(state: State, step: Step, **result: object) -> QuotationStatus:
    return QuotationStatus(
        tracking_id="quot_0123456789ab",
        status=state,
        step=step,
        environment="development",
        result=Result(environment="development", partner_name="Acme Corp", **result),
    )


def test_details_of_an_order_link_to_all_its_records() -> None:
    lines = [ResultLine(line_id=5, product_id=1, name="", quantity=1, price_unit=1, discount=0, subtotal=1)]
    done = status(
        State.COMPLETED,
        Step.DONE,
        partner_id=7,
        lead_id=9,
        opportunity_id=9,
        sale_order_id=18694,
        sale_order_name="S15433",
        sale_order_url=URL,
        amount_total=18502.0,
        currency="MXN",
        lines=lines,
    )

    assert details_of(done).splitlines() == [
        f"**Completed**: [S15433]({URL}), 18502.0 MXN",
        "",
        "- customer [7](https://odoo.test/odoo/res.partner/7)",
        "- lead [9](https://odoo.test/odoo/crm.lead/9)",
        "- opportunity [9](https://odoo.test/odoo/crm.lead/9)",
        f"- order [S15433]({URL})",
        "- lines 5",
    ]


def test_details_link_in_the_way_of_an_older_odoo() -> None:
    cancelled = status(State.CANCELLED, Step.LINE, lead_id=9, sale_order_id=18694, sale_order_url=OLD_URL)

    assert details_of(cancelled).splitlines() == [
        "**Cancelled** in step `line`",
        "",
        "- lead [9](https://odoo.test/web#id=9&model=crm.lead&view_type=form)",
        f"- order [18694]({OLD_URL})",
    ]


def test_details_of_a_failed_one_are_its_sentence_its_code_and_its_step() -> None:
    failed = status(State.FAILED, Step.LEAD, partner_id=7)
    failed.error = Failure(code=ErrorCode.ODOO_REJECTED, message="The field <x_giro> is missing.", step=Step.LEAD)
    failed.warnings = [QuotationWarning(code=WarningCode.ALREADY_ASKED, message="Acme Corp asked.")]

    assert details_of(failed).splitlines() == [
        r"**Failed** in step `lead` with `odoo_rejected`: The field \<x\_giro\> is missing.",
        "",
        "- customer 7",
        "- warning `already_asked`",
    ]


@pytest.mark.parametrize("step", Step)
def test_details_say_what_is_waited_for_and_name_no_customer(step: Step) -> None:
    details = details_of(status(State.PROCESSING, step, partner_id=7))

    assert "waits for the" in details or step in (Step.QUEUED, Step.DONE)
    assert "Acme" not in details
