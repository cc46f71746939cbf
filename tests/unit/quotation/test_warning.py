from datetime import UTC, datetime

from quotation.course.progress import Progress
from quotation.status import QuotationStatus
from quotation.warning import QuotationWarning, WarningCode, warnings_of
from tests.support.requests import ABSENT, request

START = datetime(2025, 12, 22, tzinfo=UTC)
FREE = QuotationWarning(code=WarningCode.FREE_LINE, message="Line 1 is free.")


def test_a_price_of_0_is_accepted_with_a_warning() -> None:
    assert warnings_of(request()) == []
    assert warnings_of(request(product_price="0.00"))[0].code == WarningCode.FREE_LINE
    lines = [{"product_id": 1, "product_price": price} for price in (0, 5, -1, 0)]
    [warning] = warnings_of(request(product_id=ABSENT, lines=lines))
    assert "line 1, 4" in warning.message


def test_a_warning_is_in_the_status_once() -> None:
    progress = Progress("quot_abc123def456", "development", START, warnings=[FREE])
    other = QuotationWarning(code="partner_name_differs", message="Odoo knows the customer by another name.")

    progress.warn([FREE, other])
    progress.warn([other])

    assert progress.status.warnings == [FREE, other]


def test_a_status_of_an_older_version_has_no_warnings_and_one_of_a_newer_version_may_have_other_codes() -> None:
    queued = QuotationStatus.queued("quot_abc123def456", "development", START).model_dump(mode="json")
    del queued["warnings"], queued["queue"]
    assert QuotationStatus.model_validate(queued).warnings == []
    newer = queued | {"warnings": [{"code": "new", "message": "New.", "line": 3}]}
    assert QuotationStatus.model_validate(newer).model_dump(mode="json")["warnings"] == newer["warnings"]
