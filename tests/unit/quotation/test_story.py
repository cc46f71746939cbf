"""The status after the outcomes of a run's activities."""

from datetime import UTC, datetime

from quotation import steps
from quotation.course.story import Story
from quotation.messages import CreatedOrder, OrderTotals, QuotationInput
from quotation.status import Result, ResultLine, Step
from tests.support.requests import request

NOW = datetime(2025, 12, 22, 15, 30, tzinfo=UTC)
FIRST, SECOND = (
    ResultLine(line_id=n, product_id=n, name="Robot", quantity=1, price_unit=5, discount=0, subtotal=5)
    for n in (1, 2)
)


def totals(**lines: ResultLine) -> OrderTotals:
    placed = {int(number.removeprefix("n")): line for number, line in lines.items()}
    return OrderTotals(lines=placed, amount_untaxed=5, amount_tax=1, amount_total=6, currency="MXN")


def story(*existing: ResultLine) -> Story:
    left = Result(environment="dev", lines=list(existing))
    quotation = QuotationInput(request=request(), environment="dev", fingerprint="f", existing=left)
    begun = Story("quot_0123456789ab", quotation, NOW)
    begun.begin(Step.ORDER, NOW)
    return begun


def created(placed: OrderTotals | None) -> CreatedOrder:
    return CreatedOrder(id=7, name="S7", url="https://odoo.test/7", totals=placed)


def test_an_order_tells_its_lines_and_amounts_at_once() -> None:
    told = story()
    told.hear(steps.CREATE_SALE_ORDER, created(totals(n1=FIRST, n2=SECOND)), NOW)
    result = told.status.result
    assert (result.sale_order_name, result.lines) == ("S7", [FIRST, SECOND])
    assert (result.amount_total, result.currency) == (6, "MXN")


def test_an_order_of_an_older_worker_tells_its_lines_later() -> None:
    told = story()
    told.hear(steps.CREATE_SALE_ORDER, created(None), NOW)
    assert (told.status.result.sale_order_name, told.status.result.amount_total) == ("S7", None)
    told.hear(steps.ADD_PRODUCT_LINES, totals(n1=FIRST), NOW)
    assert told.status.result.lines == [FIRST]


def test_a_line_that_was_deleted_since_an_earlier_run_is_told_until_all_are_known() -> None:
    told = story(FIRST, SECOND)
    told.create_order(created(totals(n2=SECOND)), NOW)
    assert told.status.result.lines == [FIRST, SECOND]
    told.begin(Step.LINE, NOW)
    told.add_lines(totals(n2=SECOND))
    told.finish_lines(NOW)
    assert told.status.result.lines == [SECOND]
