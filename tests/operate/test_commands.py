"""Operators look at quotations and act on them from a shell, while no gateway runs."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.failures import RequestError
from odoo_client import OdooUnavailableError
from operate.arguments import parse
from quotation import steps
from quotation.errors import ErrorCode
from quotation.status import State
from sandbox.ports import free_port
from tests.operate.command import ENVIRONMENT, Operate, Quotations
from tests.support.script import Script

NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
NO_USER = RequestError(ErrorCode.USER_NOT_FOUND, "User 1 does not exist.")
UNKNOWN = "quot_000000000000"


@pytest.fixture
def now() -> str:
    """The time before the quotations of this test."""
    return datetime.now(UTC).isoformat()


async def test_a_list_has_everyones_quotations_and_selects_among_them(
    operate: Operate, quotations: Quotations, now: str
) -> None:
    done, lost, other = [
        await quotations.ended(owner, error)
        for owner, error in (("ana", None), ("ana", NO_PRODUCT), ("bob", NO_USER))
    ]
    await quotations.listed(done.tracking_id, status=State.COMPLETED)
    await quotations.listed(lost.tracking_id, other.tracking_id)

    async def found(*filters: str) -> list[tuple[str, str, str]]:
        items = (await operate("list", "--json", "--since", now, *filters)).json["items"]
        return sorted((one["tracking_id"], one["status"], one["owner"]) for one in items)

    assert await found() == sorted(
        [
            (done.tracking_id, "completed", "ana"),
            (lost.tracking_id, "failed", "ana"),
            (other.tracking_id, "failed", "bob"),
        ]
    )
    assert await found("--owner", "ana", "--status", "failed") == [(lost.tracking_id, "failed", "ana")]
    assert await found("--error", "user_not_found", "--words", "bob us") == [(other.tracking_id, "failed", "bob")]
    assert (await operate("list", "--json", "--since", now, "--limit", "2")).json["has_more"]

    table = await operate("list", "--since", now, "--environment", ENVIRONMENT, COLUMNS="80")
    assert table.code == 0
    for shown in (done.tracking_id, "S15433", lost.tracking_id, "product_not_found", "bob", ENVIRONMENT):
        assert shown in table.output
    assert max(map(len, table.output.splitlines())) <= 80
    nothing = await operate("list", "--until", "7d", "--owner", "nobody")
    assert (nothing.code, nothing.output, nothing.errors) == (0, "No quotation matches.\n", "")


async def test_a_failed_quotation_is_shown_with_its_error_and_corrected(
    operate: Operate, quotations: Quotations, temporal: Client
) -> None:
    tracking_id = (await quotations.ended("ana", NO_PRODUCT)).tracking_id
    shown = await operate("show", tracking_id)
    assert shown.code == 0
    assert "product_not_found, at step auth" in shown.output
    assert "Product 1 does not exist." in shown.output
    assert re.search(r"(?m)^owner +ana *$", shown.output)

    refused = await operate("retry", tracking_id, "--set", "prodct=7")
    assert refused.code == 1
    assert refused.errors.startswith("The corrected request is not valid: ")
    assert not refused.audited
    retried = await operate("retry", tracking_id, "--set", "product_id=7", "--set", "product_qty=2", "--as", "eva")
    assert (retried.code, retried.output) == (0, f"{tracking_id} runs again.\n")
    assert retried.audited == [("retry", tracking_id, "eva", "ana")]
    assert (await quotations.final(tracking_id)).status == "completed"
    status = (await operate("show", tracking_id, "--json")).json
    assert (status["status"], status["result"]["lines"][0]["quantity"]) == ("completed", 2.0)
    table = await operate("show", tracking_id, TEMPORAL_UI_URL="http://ui.test", COLUMNS="80")
    run = await temporal.get_workflow_handle(tracking_id).describe()
    # whole, so that it can be copied
    address = f"http://ui.test/namespaces/default/workflows/{tracking_id}/{run.run_id}/history"
    assert table.output.endswith(f"\nIn Temporal: {address}\n")
    assert "S15433 (id 18694)" in table.output
    assert "[MT1] Robot PUDU" in table.output
    first = await anext(temporal.get_workflow_handle(tracking_id).fetch_history_events(page_size=1))
    assert first.workflow_execution_started_event_attributes.identity == "eva (operate)"


async def test_all_that_match_run_again_after_a_confirmation(
    operate: Operate, quotations: Quotations, now: str
) -> None:
    lost = [(await quotations.ended(owner, NO_PRODUCT)).tracking_id for owner in ("ana", "bob", "ana")]
    other = (await quotations.ended("ana", NO_USER)).tracking_id
    await quotations.listed(*lost, other)
    command = ("retry-all", "--error", "product_not_found", "--since", now)

    dry = await operate(*command, "--dry-run", "--json")
    assert dry.json == {"tracking_ids": lost, "remaining": 0}
    table = await operate(*command, "--dry-run", "--owner", "ana")
    assert "2 quotations would run again." in table.output
    assert lost[0] in table.output
    assert lost[1] not in table.output
    declined = await operate(*command, answer="n")
    assert (declined.code, declined.audited) == (1, [])
    assert declined.errors == "Retry 3 quotations? [y/N] Nothing was retried.\n"
    limited = await operate(*command, "--yes", "--limit", "1", "--json", answer="n")
    assert limited.json == {"tracking_ids": lost[:1], "remaining": 2}
    accepted = await operate(*command, answer="y")
    assert accepted.output.endswith("2 quotations run again.\n")
    assert {line[1:] for line in accepted.audited} == {(lost[1], "olga", "bob"), (lost[2], "olga", "ana")}
    for tracking_id in lost:
        assert (await quotations.final(tracking_id)).status == "completed"
    assert (await quotations.final(other)).status == "failed"
    nothing = await operate(*command)
    assert (nothing.code, nothing.output) == (0, "No failed quotation matches.\n")


async def test_what_fails_while_somebody_reads_the_question_does_not_run_again(
    operate: Operate, quotations: Quotations, now: str
) -> None:
    asked = (await quotations.ended("ana", NO_PRODUCT)).tracking_id
    await quotations.listed(asked)

    async def fail_another() -> None:
        await quotations.listed((await quotations.ended("ana", NO_PRODUCT)).tracking_id)

    ran = await operate("retry-all", "--since", now, "--words", "ana", answer="y", meanwhile=fail_another)

    assert ran.output.endswith("\n1 quotation runs again.\n")
    assert [tracking_id for _, tracking_id, *_ in ran.audited] == [asked]


async def test_an_unfinished_quotation_is_cancelled(
    operate: Operate, quotations: Quotations, script: Script
) -> None:
    script.hold(steps.CREATE_LEAD)
    tracking_id = await quotations.started("ana")
    await script.reached(steps.CREATE_LEAD)

    cancelled = await operate("cancel", tracking_id)

    assert (cancelled.code, cancelled.audited) == (0, [("cancel", tracking_id, "olga", "ana")])
    assert tracking_id in cancelled.output
    script.release(steps.CREATE_LEAD)
    assert (await quotations.final(tracking_id)).status == "cancelled"
    late = await operate("cancel", tracking_id, "--json")
    assert (late.code, late.output) == (1, "")
    assert late.errors == "The quotation is finished and can no longer be cancelled.\n"


async def test_the_log_is_the_document_that_the_worker_wrote(
    operate: Operate, quotations: Quotations, temporal: Client, script: Script
) -> None:
    tracking_id = (await quotations.ended("ana")).tracking_id
    # it is written after the status is final
    await temporal.get_workflow_handle(tracking_id).result()
    [document] = [one for one in script.documents if one.tracking_id == tracking_id and one.is_final]
    assert (await operate("logs", tracking_id, "--json")).json == document.model_dump(mode="json")
    table = await operate("logs", tracking_id)
    for shown in ("partner_name: Acme Corp", "convert", "S15433 (id 18694)"):
        assert shown in table.output

    script.hold(steps.CREATE_LEAD)
    unfinished = await quotations.started("ana")
    await script.reached(steps.CREATE_LEAD)
    assert (await operate("logs", unfinished, "--json")).json["completed_at"] is None
    script.release(steps.CREATE_LEAD)
    await quotations.final(unfinished)


async def test_counts_are_by_status_and_error(operate: Operate, quotations: Quotations) -> None:
    tracking_id = (await quotations.ended("ana", NO_USER)).tracking_id
    await quotations.listed(tracking_id)
    counts: dict[str, Any] = (await operate("counts", "--json", "--environment", ENVIRONMENT)).json
    assert counts["by_error"]["user_not_found"] >= 1
    assert len(counts["hours"]) == 24
    table = await operate("counts")
    assert table.code == 0
    assert re.search(r"user_not_found +\d+ +User 1 does not exist\.", table.output)


async def test_a_list_shows_what_is_tried_again(operate: Operate, quotations: Quotations, script: Script) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooUnavailableError("Odoo did not answer."))
    tracking_id = await quotations.started("ana")
    async with asyncio.timeout(20):
        while (await operate("show", tracking_id, "--json")).json["retrying"] is None:
            pass
    await quotations.listed(tracking_id, status=State.PROCESSING)
    table = await operate("list", "--words", tracking_id)
    [listed] = (await operate("list", "--words", tracking_id, "--json")).json["items"]
    script.recover(steps.CREATE_LEAD)
    await quotations.final(tracking_id)

    assert re.search(rf"{tracking_id} +retrying +odoo_unavailable", table.output)
    assert (listed["status"], listed["retrying"]["code"]) == ("processing", "odoo_unavailable")


async def test_what_cannot_be_done_is_one_sentence(operate: Operate, quotations: Quotations) -> None:
    done = (await quotations.ended("ana")).tracking_id
    for command, code, sentence in (
        (("show", UNKNOWN), 1, "There is no quotation with that tracking_id.\n"),
        (("logs", UNKNOWN), 1, "There is no quotation with that tracking_id.\n"),
        (("retry", done), 1, "Only a failed or cancelled quotation can be retried.\n"),
        (("retry", done, "--set", "notes=a", "--set", "notes=b"), 1, "A field may be set only once.\n"),
        (("list", "--environment", "mars"), 1, "There is no environment with that name.\n"),
    ):
        ran = await operate(*command)
        assert (ran.code, ran.output, ran.errors) == (code, "", sentence)
    malformed = await operate("show", "S00042")
    assert malformed.code == 1
    assert malformed.errors.startswith("tracking_id must be 'quot_' followed by")


async def test_a_wrong_command_ends_with_code_2(operate: Operate, capsys: pytest.CaptureFixture[str]) -> None:
    ran = await operate("list", "--since", "yesterday")
    assert (ran.code, ran.output) == (2, "")
    assert ran.errors.endswith(
        "error: argument --since: must be a duration such as 30m, 2h or 7d, or an ISO time\n"
    )
    for command in (
        [],
        ["cancel"],
        ["list", "--status", "lost"],
        ["list", "--limit", "0"],
        ["list", "--since", "999999999d"],
        ["list", "--owner", " "],
        ["retry", UNKNOWN, "--set", "product_id"],
        ["retry", UNKNOWN, "--as", "\x1b[31m"],
    ):
        with pytest.raises(SystemExit) as ended:
            parse(command)
        assert ended.value.code == 2
        assert "error: " in capsys.readouterr().err


def test_times_are_durations_before_now_or_iso_times_in_utc() -> None:
    before = datetime.now(UTC)
    ago = parse(["list", "--since", "90m"]).since
    assert before <= ago + timedelta(minutes=90) <= datetime.now(UTC)
    for text in ("2026-01-31T10:00", "2026-01-31T10:00Z", "2026-01-31T04:00-06:00"):
        assert parse(["list", "--until", text]).until == datetime(2026, 1, 31, 10, tzinfo=UTC)


async def test_no_answer_from_temporal_and_a_wrong_setting_are_one_sentence_too(operate: Operate) -> None:
    away = await operate("list", TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert (away.code, away.output) == (1, "")
    assert away.errors == "Temporal does not answer: the server at TEMPORAL_ADDRESS refuses connections.\n"
    wrong = await operate("counts", TEMPORAL_NAMESPACE="elsewhere")
    assert wrong.code == 2
    assert wrong.errors == "TEMPORAL_NAMESPACE is wrong: Temporal has no namespace with that name.\n"
