import asyncio

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError

from activities.failures import RequestError
from log_store import LogStoreError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
)
from quotation import steps
from quotation.errors import ErrorCode
from quotation.messages import WARN_SIGNAL, FoundPartner
from quotation.status import State
from quotation.texts import PROGRESS
from quotation.warning import QuotationWarning
from tests.support.script import PATIENCE, Script
from tests.workflows.conftest import Bench

WRITES = [
    steps.GET_OR_CREATE_PARTNER,
    steps.CREATE_LEAD,
    steps.CONVERT_TO_OPPORTUNITY,
    steps.CREATE_SALE_ORDER,
    steps.ADD_PRODUCT_LINES,
]
AWAY = OdooUnavailableError("Odoo refused the connection.")


async def test_a_quotation_completes_with_the_texts_of_the_original_flow(bench: Bench) -> None:
    handle = await bench.start()
    await handle.result()
    status = await bench.status(handle)
    assert (status.status, status.step, status.progress) == ("completed", "done", "Completado")
    assert status.result.steps == {
        "partner": "Nuevo partner creado: Acme Corp (ID: 124258)",
        "lead": "Lead creado: Cotización Robot PUDU (ID: 27414)",
        "opportunity": "Convertido a oportunidad (ID: 27414)",
        "sale_order": "Cotización: S15433 (ID: 18694)",
        "product": "Producto 'MT1': $15950.0 (línea ID: 47587)",
    }
    assert status.result.opportunity_id == status.result.lead_id == 27414
    assert status.completed_at is not None
    assert status.error is None


@pytest.mark.parametrize(
    ("held", "step"),
    [
        (steps.AUTHENTICATE, "auth"),
        (steps.GET_OR_CREATE_PARTNER, "partner"),
        (steps.CREATE_LEAD, "lead"),
        (steps.CONVERT_TO_OPPORTUNITY, "convert"),
        (steps.CREATE_SALE_ORDER, "order"),
        (steps.ADD_PRODUCT_LINES, "line"),
    ],
)
async def test_query_and_history_tell_each_step_while_it_runs(bench: Bench, held: str, step: str) -> None:
    # what runs beside the conversion would change the status between two looks at it
    held_too = {held, steps.CREATE_SALE_ORDER} if held == steps.CONVERT_TO_OPPORTUNITY else {held}
    for one in held_too:
        bench.script.hold(one)
    handle = await bench.start()
    for one in held_too:
        await bench.script.reached(one)
    status = await bench.until(handle, step)
    assert (status.status, status.progress) == ("processing", PROGRESS[status.step])
    assert await bench.published(handle) == status
    for one in held_too:
        bench.script.release(one)
    await handle.result()
    final = await bench.status(handle)
    assert await bench.published(handle) == final
    assert final.status is State.COMPLETED


async def test_nothing_is_written_before_every_check_has_passed(bench: Bench) -> None:
    bench.script.hold(steps.AUTHENTICATE)
    handle = await bench.start()
    await bench.script.reached(steps.AUTHENTICATE)
    await asyncio.sleep(0.2)
    assert not set(bench.script.calls) & set(WRITES)
    bench.script.release(steps.AUTHENTICATE)
    await handle.result()
    assert [name for name in bench.script.calls if name in WRITES][:2] == WRITES[:2]


async def test_conversion_and_order_run_side_by_side(bench: Bench) -> None:
    bench.script.hold(steps.CONVERT_TO_OPPORTUNITY)
    handle = await bench.start()
    await bench.script.reached(steps.ADD_PRODUCT_LINES)
    status = await bench.status(handle)
    assert status.step == "convert"
    bench.script.release(steps.CONVERT_TO_OPPORTUNITY)
    await handle.result()


async def test_a_known_partner_is_not_created(bench: Bench) -> None:
    bench.script.partner = FoundPartner(id=9, name="ACME de México")
    handle = await bench.start()
    await handle.result()
    status = await bench.status(handle)
    assert steps.GET_OR_CREATE_PARTNER not in bench.script.calls
    assert status.result.steps["partner"] == "Partner existente: ACME de México (ID: 9)"
    assert (status.result.partner_id, status.result.partner_name) == (9, "ACME de México")


async def test_texts_of_several_lines_are_joined(bench: Bench) -> None:
    lines = [{"product_id": 26174}, {"product_id": 26175, "product_qty": 2}]
    handle = await bench.start(product_id=None, lines=lines)
    await handle.result()
    status = await bench.status(handle)
    assert status.result.steps["product"] == (
        "Producto 'MT1': $15950.0 (línea ID: 47587); Producto 'MT1': $15950.0 (línea ID: 47588)"
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist."), "product_not_found"),
        (RequestError(ErrorCode.USER_NOT_FOUND, "User 1 does not exist."), "user_not_found"),
        (RequestError(ErrorCode.ODOO_ACCESS_DENIED, "User 1 may not be assigned."), "odoo_access_denied"),
    ],
)
async def test_a_permanent_error_in_a_check_fails_at_once_and_writes_nothing(
    bench: Bench, error: Exception, code: str
) -> None:
    bench.script.fail_always(steps.AUTHENTICATE, error)
    handle = await bench.start()
    with pytest.raises(WorkflowFailureError) as raised:
        await handle.result()
    assert isinstance(raised.value.cause, ApplicationError)
    assert raised.value.cause.type == code
    status = await bench.status(handle)
    assert (status.status, status.step) == ("failed", "auth")
    assert status.error is not None
    assert (status.error.code, status.error.message, status.error.step) == (code, str(error), "auth")
    assert bench.script.calls.count(steps.AUTHENTICATE) == 1
    assert not set(bench.script.calls) & set(WRITES)
    assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED
    assert bench.script.documents[-1].status is State.FAILED


async def test_a_transient_error_is_retried_until_it_is_over(bench: Bench) -> None:
    bench.script.fail(steps.CREATE_LEAD, *[AWAY] * 6)
    handle = await bench.start()
    await handle.result()
    status = await bench.status(handle)
    assert status.status is State.COMPLETED
    assert bench.script.calls.count(steps.CREATE_LEAD) == 7


async def test_a_conflict_is_retried_within_a_second(bench: Bench) -> None:
    bench.script.fail(steps.CREATE_LEAD, *[OdooBusyError("Odoo was busy.")] * 3)
    handle = await bench.start()
    await handle.result()
    history = await handle.fetch_history()
    status = await bench.status(handle)
    assert bench.script.calls.count(steps.CREATE_LEAD) == 4
    assert status.completed_at is not None
    assert status.created_at is not None
    assert (status.completed_at - status.created_at).total_seconds() < 5
    assert history.workflow_id == handle.id


async def test_an_outage_of_a_day_fails_the_step_as_unavailable(bench: Bench) -> None:
    bench.script.fail_always(steps.CREATE_SALE_ORDER, AWAY)
    handle = await bench.start()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert status.error is not None
    assert (status.error.code, status.error.step) == ("odoo_unavailable", "order")
    assert status.created_at is not None
    assert status.completed_at is not None
    assert 23 * 3600 < (status.completed_at - status.created_at).total_seconds() < 25 * 3600
    # a day of attempts a minute apart, not a storm
    assert 1000 < bench.script.calls.count(steps.CREATE_SALE_ORDER) < 2000
    # what exists is told, so that nobody has to look in Odoo
    assert (status.result.lead_id, status.result.sale_order_id) == (27414, None)


INSTALLATION = [
    (OdooLoginRefusedError("Odoo refused the password."), "odoo_auth_failed"),
    (OdooAuthError("Odoo has no database with the configured name."), "odoo_auth_failed"),
    (OdooAccessDeniedError("Odoo's service user is not allowed to create crm.lead."), "odoo_access_denied"),
    (OdooMissingError("There is no Odoo at the configured address."), "odoo_unavailable"),
]


@pytest.mark.parametrize(("error", "code"), INSTALLATION)
async def test_a_fault_of_the_installation_is_waited_out(bench: Bench, error: Exception, code: str) -> None:
    bench.script.fail(steps.AUTHENTICATE, *[error] * 6)
    handle = await bench.start()
    await handle.result()
    assert bench.script.calls.count(steps.AUTHENTICATE) == 7
    assert code not in (await bench.status(handle)).model_dump_json()


@pytest.mark.parametrize(("error", "code"), INSTALLATION)
async def test_a_fault_of_the_installation_fails_with_its_own_code_when_patience_ends(
    bench: Bench, error: Exception, code: str
) -> None:
    bench.script.fail_always(steps.CREATE_LEAD, error)
    handle = await bench.start()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert status.error is not None
    assert (status.error.code, status.error.message, status.error.step) == (code, str(error), "lead")
    assert status.created_at is not None
    assert status.completed_at is not None
    seconds = (status.completed_at - status.created_at).total_seconds()
    assert PATIENCE.total_seconds() <= seconds < PATIENCE.total_seconds() + 60
    # at most half a minute apart, so that nobody waits long for what was fixed
    assert 30 < bench.script.calls.count(steps.CREATE_LEAD) < 60


async def test_patience_begins_with_the_fault_and_not_with_the_step(bench: Bench) -> None:
    refused = OdooLoginRefusedError("Odoo refused the password.")
    # 25 attempts in an outage take more than patience
    bench.script.fail(steps.CREATE_LEAD, *[AWAY] * 25, *[refused] * 5, AWAY, *[refused] * 5)
    handle = await bench.start()
    await handle.result()
    status = await bench.status(handle)
    assert status.created_at is not None
    assert status.completed_at is not None
    assert status.completed_at - status.created_at > PATIENCE
    assert bench.script.calls.count(steps.CREATE_LEAD) == 37


async def test_faults_of_the_installation_do_not_count_as_unknown_ones(bench: Bench) -> None:
    unknown = OdooUnexpectedError("Odoo answered with ValueError.")
    refused = OdooLoginRefusedError("Odoo refused the password.")
    bench.script.fail(steps.CREATE_LEAD, unknown, refused, unknown, refused)
    handle = await bench.start()
    await handle.result()
    assert bench.script.calls.count(steps.CREATE_LEAD) == 5


async def test_an_unknown_fault_is_tried_three_times(bench: Bench) -> None:
    bench.script.fail_always(steps.CREATE_LEAD, OdooUnexpectedError("Odoo answered with ValueError."))
    handle = await bench.start()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert status.error is not None
    assert (status.error.code, status.error.step) == ("odoo_unexpected", "lead")
    assert bench.script.calls.count(steps.CREATE_LEAD) == 3


async def test_outages_do_not_count_as_unknown_faults(bench: Bench) -> None:
    unknown = OdooUnexpectedError("Odoo answered with ValueError.")
    bench.script.fail(steps.CREATE_LEAD, AWAY, AWAY, unknown, AWAY, unknown)
    handle = await bench.start()
    await handle.result()
    assert bench.script.calls.count(steps.CREATE_LEAD) == 6


async def test_a_failure_beside_a_running_step_awaits_and_records_that_step(bench: Bench) -> None:
    bench.script.hold(steps.CREATE_SALE_ORDER)
    bench.script.fail_always(steps.CONVERT_TO_OPPORTUNITY, OdooRejectedError("Odoo refused it."))
    handle = await bench.start()
    await bench.script.reached(steps.CREATE_SALE_ORDER)
    await bench.script.reached(steps.CONVERT_TO_OPPORTUNITY)
    # this test server hangs where an activity ends at the moment it is cancelled
    await bench.recorded(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED)
    bench.script.release(steps.CREATE_SALE_ORDER)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert status.error is not None
    assert (status.error.code, status.error.step, status.step) == ("odoo_rejected", "convert", "convert")
    assert status.result.sale_order_id == 18694
    assert steps.ADD_PRODUCT_LINES not in bench.script.calls


async def test_a_cancel_records_the_call_under_way_and_starts_no_further_step(bench: Bench) -> None:
    bench.script.hold(steps.CREATE_LEAD)
    handle = await bench.start()
    await bench.script.reached(steps.CREATE_LEAD)
    await handle.cancel()
    await asyncio.sleep(0.3)
    bench.script.release(steps.CREATE_LEAD)
    with pytest.raises(WorkflowFailureError) as raised:
        await handle.result()
    assert isinstance(raised.value.cause, CancelledError)
    status = await bench.status(handle)
    assert (status.status, status.error) == ("cancelled", None)
    assert status.result.lead_id == 27414
    assert steps.CREATE_SALE_ORDER not in bench.script.calls
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert bench.script.documents[-1].status is State.CANCELLED


async def test_a_cancel_drops_a_step_that_waits_for_its_next_attempt(bench: Bench) -> None:
    bench.script.fail_always(steps.CREATE_LEAD, AWAY)
    with bench.environment.auto_time_skipping_disabled():
        handle = await bench.start()
        await bench.script.reached(steps.CREATE_LEAD)
        await asyncio.sleep(0.2)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 20)
    status = await bench.status(handle)
    assert (status.status, status.step, status.result.lead_id) == ("cancelled", "lead", None)


async def test_a_cancel_during_the_last_step_completes(bench: Bench) -> None:
    bench.script.hold(steps.ADD_PRODUCT_LINES)
    handle = await bench.start()
    await bench.script.reached(steps.ADD_PRODUCT_LINES)
    await bench.until(handle, "line")
    await handle.cancel()
    await asyncio.sleep(0.3)
    bench.script.release(steps.ADD_PRODUCT_LINES)
    await handle.result()
    assert (await bench.status(handle)).status is State.COMPLETED
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_a_cancel_during_the_log_changes_nothing(bench: Bench) -> None:
    bench.script.hold(steps.LOG_TO_S3)
    handle = await bench.start()
    await bench.until(handle, "done")
    await handle.cancel()
    await asyncio.sleep(0.3)
    bench.script.release(steps.LOG_TO_S3)
    await handle.result()
    assert bench.script.documents[-1].status is State.COMPLETED


async def test_the_log_is_written_at_the_start_and_at_the_end(bench: Bench) -> None:
    handle = await bench.start()
    await handle.result()
    first, last = bench.script.documents
    assert (first.status, last.status) == ("queued", "completed")
    assert last.supersedes(first)
    status = await bench.status(handle)
    assert (last.result, last.completed_at) == (status.result, status.completed_at)
    assert set(last.steps) == {"auth", "partner", "lead", "convert", "order", "line"}
    assert all(times.finished_at for times in last.steps.values())


async def test_the_log_of_the_start_is_written_beside_the_steps_if_the_store_is_slow(bench: Bench) -> None:
    bench.script.fail(steps.LOG_TO_S3, LogStoreError("S3 answered 503."))
    bench.script.hold(steps.CREATE_LEAD)
    handle = await bench.start()
    await bench.script.reached(steps.CREATE_LEAD)
    async with asyncio.timeout(20):
        while not bench.script.documents:
            await asyncio.sleep(0.05)
    bench.script.release(steps.CREATE_LEAD)
    await handle.result()
    assert [document.status for document in bench.script.documents] == ["queued", "completed"]


async def test_a_worker_of_the_version_before_may_take_the_first_step(bench: Bench) -> None:
    # its `authenticate` takes no argument, and it tries an unknown fault three times
    bench.script.fail(steps.AUTHENTICATE, *[TypeError("authenticate() takes 1 argument but 2 were given")] * 3)
    handle = await bench.start()
    await handle.result()
    assert (await bench.status(handle)).status is State.COMPLETED
    assert steps.CHECK_REQUEST in bench.script.calls
    assert [document.status for document in bench.script.documents] == ["queued", "completed"]


async def test_a_log_that_cannot_be_written_is_left_to_a_workflow_that_goes_on(bench: Bench) -> None:
    bench.script.fail_always(steps.LOG_TO_S3, LogStoreError("S3 answered 503."))
    handle = await bench.start()
    await handle.result()
    status = await bench.status(handle)
    assert status.status is State.COMPLETED
    description = await handle.describe()
    assert description.close_time is not None
    assert status.completed_at is not None
    assert (description.close_time - status.completed_at).total_seconds() < 7
    late = bench.client.get_workflow_handle(f"{handle.id}-log")
    assert (await late.describe()).status is WorkflowExecutionStatus.RUNNING
    bench.script.recover(steps.LOG_TO_S3)
    await late.result()
    assert bench.script.documents[-1].status is State.COMPLETED


async def test_a_written_log_needs_no_further_workflow(bench: Bench) -> None:
    handle = await bench.start()
    await handle.result()
    with pytest.raises(RPCError, match="not found"):
        await bench.client.get_workflow_handle(f"{handle.id}-log").describe()


async def test_the_script_is_asked_for_every_step_once(bench: Bench, script: Script) -> None:
    handle = await bench.start()
    await handle.result()
    assert sorted(name for name in script.calls if name != steps.LOG_TO_S3) == sorted(
        [steps.AUTHENTICATE, *WRITES]
    )


async def test_the_lines_have_the_products_that_the_request_names(bench: Bench) -> None:
    bench.script.checked = {"named_products": {"mt1": 26174, "robot ketty": 26175}}
    lines = [{"product": "robot ketty"}, {"product_id": 7}, {"product": "mt1", "product_price": 5}]
    handle = await bench.start(product_id=None, lines=lines)
    await handle.result()
    assert [line.product_id for line in (await bench.status(handle)).result.lines] == [26175, 7, 26174]


async def test_a_lead_has_the_facts_about_a_customer_that_was_found(bench: Bench) -> None:
    bench.script.partner = FoundPartner(id=124258, name="Acme Corp")
    bench.script.checked = {"missing_facts": ["Contacto: John Doe"]}
    await (await bench.start()).result()
    bench.script.partner, bench.script.checked = None, {}
    await (await bench.start()).result()

    assert [lead.missing_facts for lead in bench.script.leads] == [["Contacto: John Doe"], []]
    assert [lead.said for lead in bench.script.leads] == [None, None]
    # another quotation may have created the customer first, with other facts
    found, created = bench.script.converted
    assert found.said is None
    assert created.said is not None
    assert (created.said.contact_name, created.said.phone) == ("John Doe", "+52 55 1234 5678")


async def test_lead_and_order_have_the_salesperson_that_the_checks_found(bench: Bench) -> None:
    bench.script.checked = {"salesperson_id": 42}
    await (await bench.start()).result()
    await (await bench.start(user_id=9)).result()
    assert [lead.user_id for lead in bench.script.leads] == [42, 9]
    assert [order.user_id for order in bench.script.orders] == [42, 9]
    # the taxes of lines depend on the customer
    assert {lines.partner_id for lines in bench.script.lines} == {124258}


@pytest.mark.parametrize("held", [steps.GET_OR_CREATE_PARTNER, steps.LOG_TO_S3])
async def test_a_warning_that_comes_later_is_published_once(bench: Bench, held: str) -> None:
    warning = QuotationWarning(code="already_asked", message="These fields differed: notes.")
    bench.script.hold(held)
    handle = await bench.start()
    await bench.script.reached(held)

    await handle.signal(WARN_SIGNAL, warning)
    await handle.signal(WARN_SIGNAL, warning)

    assert (await bench.status(handle)).warnings == [warning]
    assert (await bench.published(handle)).warnings == [warning]
    bench.script.release(held)
    await handle.result()
    assert (await bench.published(handle)).warnings == [warning]


MIXED = [{"product_id": 1, "product_price": 5}, {"product_id": 2}, {"product_id": 3, "product_price": 7}]


async def test_the_lines_that_came_with_the_order_are_told_even_if_the_others_fail(bench: Bench) -> None:
    bench.script.has_lines_with_orders = True
    bench.script.fail_after(steps.ADD_PRODUCT_LINES, 1, OdooRejectedError("Odoo refused it."))
    handle = await bench.start(product_id=None, lines=MIXED)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert (status.status, status.step, status.result.sale_order_name) == ("failed", "line", "S15433")
    assert [line.product_id for line in status.result.lines] == [2]
    assert (status.result.amount_untaxed, status.result.currency) == (15950.0, "MXN")


async def test_a_cancel_before_the_lines_tells_what_came_with_the_order(bench: Bench) -> None:
    bench.script.has_lines_with_orders = True
    bench.script.hold(steps.CREATE_SALE_ORDER)
    handle = await bench.start()
    await bench.script.reached(steps.CREATE_SALE_ORDER)
    # this test server hangs where an activity ends at the moment it is cancelled
    await bench.until(handle, "order")
    await handle.cancel()
    await asyncio.sleep(0.3)
    bench.script.release(steps.CREATE_SALE_ORDER)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    status = await bench.status(handle)
    assert steps.ADD_PRODUCT_LINES not in bench.script.calls
    assert (status.status, [line.product_id for line in status.result.lines]) == ("cancelled", [26174])


async def test_each_call_for_lines_knows_the_order_as_the_call_before_left_it(bench: Bench) -> None:
    bench.script.has_lines_with_orders = True
    handle = await bench.start(product_id=None, lines=MIXED)
    await handle.result()
    assert [line.number for line in bench.script.orders[0].lines] == [1, 2, 3]
    first, second = bench.script.lines
    assert ([line.number for line in first.lines], [line.number for line in second.lines]) == ([2], [1, 3])
    for new in (first, second):
        assert new.totals
        assert list(new.totals.lines) == [2]
    assert [line.product_id for line in (await bench.status(handle)).result.lines] == [1, 2, 3]
