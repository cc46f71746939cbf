"""Whatever the activities' outcomes and whenever a cancel comes, a quotation ends in one consistent state.

It runs on Temporal's dev server and in real time: the time-skipping one hangs where an activity ends at the moment
it is cancelled.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.failures import UNEXPECTED_ATTEMPTS, RequestError
from activities.interceptor import QuietLifeInterceptor
from log_store import LogStoreError
from odoo_client import OdooBusyError, OdooRejectedError, OdooUnavailableError, OdooUnexpectedError
from quotation import steps
from quotation.document import LogDocument
from quotation.errors import ErrorCode
from quotation.messages import CheckedRequest, CheckRequest, FoundPartner, OpenedRequest, Opening
from quotation.status import QuotationStatus, State
from sandbox.servers import temporal_server
from tests.support.script import PATIENCE, Script
from tests.support.serving import serving
from tests.workflows.conftest import ENVIRONMENT, Bench

CHECKS = [steps.AUTHENTICATE]
WRITES = [
    steps.GET_OR_CREATE_PARTNER,
    steps.CREATE_LEAD,
    steps.CONVERT_TO_OPPORTUNITY,
    steps.CREATE_SALE_ORDER,
    steps.ADD_PRODUCT_LINES,
]
FATAL = {"refused": ErrorCode.ODOO_REJECTED, "not found": ErrorCode.PRODUCT_NOT_FOUND}
UNKNOWN = {"unknown", "a bug"}
ERRORS: dict[str, Exception] = {
    "away": OdooUnavailableError("Odoo refused the connection."),
    "busy": OdooBusyError("Odoo was busy."),
    "unknown": OdooUnexpectedError("Odoo failed with ValueError."),
    "a bug": ValueError("a text that nobody may see"),
    "refused": OdooRejectedError("Odoo refused it."),
    "not found": RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist."),
}
FINALS = {
    State.COMPLETED: WorkflowExecutionStatus.COMPLETED,
    State.FAILED: WorkflowExecutionStatus.FAILED,
    State.CANCELLED: WorkflowExecutionStatus.CANCELED,
}


@dataclass
class Plan:
    """The events of one quotation, and its outcome."""

    failures: dict[str, list[str]]
    """How the first calls of an activity end; further ones succeed."""
    cancel_at: tuple[str, int] | None
    """During which activity a cancel comes, and during which of its calls."""
    is_known: bool
    """Whether Odoo has the partner already."""
    log_is_down: bool
    """Whether no log can be written before the run has closed."""
    handle: WorkflowHandle[Any, Any] | None = field(default=None, repr=False)
    calls: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    fatal: list[tuple[str, str]] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    is_cancelled: bool = False
    documents: list[LogDocument] = field(default_factory=list, repr=False)

    def next_error(self, name: str) -> Exception | None:
        """The end of this call."""
        self.calls[name] += 1
        if not self.failures.get(name):
            self.done[name] += 1
            return None
        kind = self.failures[name].pop(0)
        self.unknown[name] += kind in UNKNOWN
        if kind in FATAL:
            self.fatal.append((name, FATAL[kind]))
        elif self.unknown[name] >= UNEXPECTED_ATTEMPTS:
            self.fatal.append((name, ErrorCode.ODOO_UNEXPECTED))
        return ERRORS[kind]

    @property
    def needed(self) -> set[str]:
        """The activities of which a completed quotation consists."""
        return {*CHECKS, *WRITES} - ({steps.GET_OR_CREATE_PARTNER} if self.is_known else set())


class Stage(Script):
    """Plays each quotation by its own plan."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[str, Plan] = {}

    async def _play(self, name: str) -> None:
        while tracking_id() not in self.plans:
            # the first activities may be faster than the answer to the start
            await asyncio.sleep(0.01)
        plan = self.plan
        if (name, plan.calls[name] + 1) == plan.cancel_at and plan.handle is not None:
            plan.is_cancelled = True
            await plan.handle.cancel()
        if name == steps.LOG_TO_S3 and plan.log_is_down:
            raise LogStoreError("S3 is overloaded (SlowDown).")
        error = plan.next_error(name)
        if error is not None:
            raise error

    @property
    def plan(self) -> Plan:
        """That of the quotation whose activity runs."""
        return self.plans[tracking_id()]

    def _check(self, request: CheckRequest) -> CheckedRequest:
        checked = super()._check(request)
        found = FoundPartner(id=9, name="ACME") if self.plan.is_known else None
        return checked.model_copy(update={"partner": found})

    @activity.defn(name=steps.AUTHENTICATE)
    async def authenticate(self, opening: Opening | None = None) -> OpenedRequest | int:
        opened = await super().authenticate(opening)
        assert isinstance(opened, OpenedRequest)
        return opened.model_copy(update={"is_logged": False})

    @activity.defn(name=steps.LOG_TO_S3)
    async def log_to_s3(self, document: LogDocument) -> None:
        await self._play(steps.LOG_TO_S3)
        self.plan.documents.append(document)


def tracking_id() -> str:
    """Of the quotation whose activity runs."""
    return str(activity.info().workflow_id).removesuffix("-log")


class ShortDelays(Interceptor, ActivityInboundInterceptor):
    """Makes every attempt follow soon on the one before."""

    def __init__(self, next_: ActivityInboundInterceptor | None = None) -> None:
        if next_ is not None:
            ActivityInboundInterceptor.__init__(self, next_)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return ShortDelays(next)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await self.next.execute_activity(input)
        except ApplicationError as error:
            seconds = 0.5 if error.type == "log_unavailable" else 0.02
            raise ApplicationError(
                error.message,
                type=error.type,
                non_retryable=error.non_retryable,
                next_retry_delay=timedelta(seconds=seconds),
            ) from None


@pytest_asyncio.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bench, Stage]]:
    stage = Stage()
    server = temporal_server(tmp_path_factory.mktemp("any-outcome"))
    await asyncio.to_thread(server.start)
    client = await Client.connect(server.address, data_converter=pydantic_data_converter)
    shortened = [ShortDelays(), QuietLifeInterceptor(PATIENCE)]
    async with serving(client, ENVIRONMENT, stage.activities(), interceptors=shortened):
        yield Bench(WorkflowEnvironment.from_client(client), stage), stage
    server.kill()


TROUBLE = st.dictionaries(
    st.sampled_from([*CHECKS, *WRITES]),
    st.lists(st.sampled_from(list(ERRORS)), min_size=1, max_size=4),
    max_size=3,
)
CANCELS = st.none() | st.tuples(st.sampled_from([*CHECKS, *WRITES, steps.LOG_TO_S3]), st.integers(1, 2))
PLANS = st.builds(
    Plan,
    failures=TROUBLE,
    cancel_at=CANCELS,
    is_known=st.booleans(),
    # five seconds each
    log_is_down=st.integers(0, 14).map(lambda number: number == 14),
)


@settings(
    max_examples=2,
    deadline=None,
    # a plan that fails is told; to look for a shorter one would take minutes
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(PLANS, min_size=15, max_size=25))
async def test_any_outcome_is_a_consistent_end(stage: tuple[Bench, Stage], plans: list[Plan]) -> None:
    async with asyncio.timeout(90):
        ends = await asyncio.gather(*(check(*stage, plan) for plan in plans), return_exceptions=True)
    # the first one alone says more than all together
    for error in filter(None, ends):
        raise error


async def check(bench: Bench, stage: Stage, plan: Plan) -> None:
    """Play one quotation to its end, and see that all its traces tell the same."""
    plan.handle = handle = await bench.start()
    stage.plans[handle.id] = plan
    cause = await outcome(handle)
    status = await bench.status(handle)
    description = await handle.describe()
    assert description.status is FINALS[status.status], plan
    assert (cause is None) == (status.status is State.COMPLETED), plan
    assert isinstance(cause, CancelledError) == (status.status is State.CANCELLED), plan
    assert await bench.published(handle) == status, plan
    assert status.completed_at is not None, plan
    check_status(plan, status)
    if isinstance(cause, ApplicationError):
        assert status.error is not None, plan
        assert (cause.type, cause.message) == (status.error.code, status.error.message), plan
    check_result(plan, status)
    await check_log(bench, plan, status)


async def outcome(handle: WorkflowHandle[Any, Any]) -> BaseException | None:
    try:
        await handle.result()
    except WorkflowFailureError as error:
        return error.cause
    return None


def check_status(plan: Plan, status: QuotationStatus) -> None:
    """The state is the one that the activities' ends ask for."""
    assert (status.error is not None) == (status.status is State.FAILED), plan
    assert (status.status is State.COMPLETED) == (plan.needed <= set(plan.done)), plan
    if status.error is not None:
        assert (status.error.step, status.error.code) in [
            (steps.STEP_OF[name], code) for name, code in plan.fatal
        ], plan
        assert "nobody may see" not in status.error.message, plan
    if not plan.is_cancelled:
        assert (status.status is State.FAILED) == bool(plan.fatal), plan
    if status.status is State.CANCELLED:
        assert plan.is_cancelled, plan


def check_result(plan: Plan, status: QuotationStatus) -> None:
    """The result lists exactly what was made, nothing was made twice, nothing after a check that failed."""
    result = status.result
    assert (result.partner_id is not None) == bool(
        plan.done[steps.GET_OR_CREATE_PARTNER]
        or (plan.is_known and set(CHECKS) <= set(plan.done) and "partner" in result.steps)
    ), plan
    for name, value, text in (
        (steps.CREATE_LEAD, result.lead_id, "lead"),
        (steps.CONVERT_TO_OPPORTUNITY, result.opportunity_id, "opportunity"),
        (steps.CREATE_SALE_ORDER, result.sale_order_id, "sale_order"),
        (steps.ADD_PRODUCT_LINES, result.amount_total, "product"),
    ):
        assert (value is not None) == (text in result.steps) == bool(plan.done[name]), (plan, name)
    assert bool(result.lines) == bool(plan.done[steps.ADD_PRODUCT_LINES]), plan
    assert all(plan.done[name] <= 1 for name in [*CHECKS, *WRITES]), plan
    if not set(CHECKS) <= set(plan.done):
        assert not set(WRITES) & set(plan.calls), plan


async def check_log(bench: Bench, plan: Plan, status: QuotationStatus) -> None:
    """The last document, written by whichever workflow, is that of the end."""
    plan.log_is_down = False
    try:
        await bench.client.get_workflow_handle(f"{status.tracking_id}-log").result()
    except RPCError:
        # none was needed
        assert plan.documents, plan
    last = plan.documents[-1]
    assert (last.status, last.error, last.result) == (status.status, status.error, status.result), plan
    assert all(last.supersedes(one) or one == last for one in plan.documents), plan
