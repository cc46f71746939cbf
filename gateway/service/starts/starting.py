"""Starts quotations, each once for its idempotency key."""

import contextlib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from temporalio.client import WorkflowExecutionDescription

from gateway import metrics
from gateway.errors import GatewayError, KeyReusedError
from gateway.service import audit
from gateway.service.callers import Caller
from gateway.service.starts.idempotency import IdempotencyKey, KeyedStart, Kind
from gateway.service.starts.repeating import already_asked, differing_fields, is_repeated
from gateway.service.status.reading import told_by_temporal
from gateway.service.temporal import run_status
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.durations import Durations
from gateway.service.temporal.runs import QuotationRuns
from quotation import messages, texts
from quotation.environment import Environment
from quotation.identity import fingerprint, new_tracking_id
from quotation.messages import QuotationInput
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, State
from quotation.warning import QuotationWarning, added, warnings_of

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_SECONDS = 8.0


class Accepted(BaseModel):
    """A quotation that was started; it is not finished."""

    tracking_id: str
    status: State = State.QUEUED
    message: str = texts.ACCEPTED
    estimated_time: str | None = Field(texts.ESTIMATED_TIME, description="Null once the quotation has ended.")
    environment: str
    warnings: list[QuotationWarning] = Field([])
    is_replayed: bool = Field(default=False, exclude=True)
    """True if an earlier call had started it; each interface says so in its own way."""


@dataclass(frozen=True)
class Started:
    """A quotation that a call started or found, and its status if that was read."""

    accepted: Accepted
    status: QuotationStatus | None = None

    @classmethod
    def seen(cls, accepted: Accepted, status: QuotationStatus) -> "Started":
        """Return the quotation with this status, in which the answer agrees."""
        warnings = added(status.warnings, accepted.warnings)
        told = {
            "status": status.status,
            "message": texts.STARTED[status.status],
            "estimated_time": None if status.status.is_final else accepted.estimated_time,
            "warnings": warnings,
        }
        return cls(accepted.model_copy(update=told), status.model_copy(update={"warnings": warnings}))


class Starts:
    """Starts quotations; `secret` makes tracking ids that come from keys impossible to guess."""

    def __init__(self, runs: QuotationRuns, secret: str, durations: Durations) -> None:
        self._runs = runs
        self._secret = secret
        self._durations = durations

    async def start(
        self, caller: Caller, environment: Environment, request: QuotationRequest, key: IdempotencyKey | None
    ) -> Accepted:
        """Start a quotation, or find the one that was started with this key.

        Raises:
            KeyReusedError: The key was used with another request.
            UnreadableQuotationError: The quotation found cannot be compared with this request.
            TemporalUnavailableError: Temporal did not answer.
        """
        first_fingerprint = fingerprint(request)
        keyed = None
        if key is not None:
            keyed = KeyedStart.create(key, caller.name, environment.name, request, self._secret)
        quotation = QuotationInput(request=request, environment=environment.label, fingerprint=first_fingerprint)
        warnings = warnings_of(request)
        memo = _memo(caller, environment, first_fingerprint, keyed)
        candidates = keyed.tracking_ids() if keyed else iter(new_tracking_id, None)
        async with answered_within(_SECONDS):
            # another quotation may have the id by chance
            while True:
                tracking_id = next(candidates)
                if warnings:
                    # also while no worker has taken the quotation
                    queued = QuotationStatus.queued(tracking_id, environment.label, warnings=warnings)
                    memo[messages.STATUS_MEMO] = queued
                accepted = Accepted(
                    tracking_id=tracking_id,
                    estimated_time=texts.estimated_time(self._durations.measured_seconds(environment.task_queue)),
                    environment=environment.label,
                    warnings=warnings,
                )
                if await self._runs.start(accepted.tracking_id, environment.task_queue, quotation, memo):
                    metrics.STARTS.labels(environment.name, "started").inc()
                    audit.record("start", caller, environment.name, accepted.tracking_id, caller.name)
                    return accepted
                repeated = await self._repeated(tracking_id, keyed, quotation) if keyed else None
                if repeated is not None:
                    metrics.STARTS.labels(environment.name, "replayed").inc()
                    return accepted.model_copy(update={"is_replayed": True, "warnings": added(warnings, repeated)})

    async def _repeated(
        self, tracking_id: str, keyed: KeyedStart, quotation: QuotationInput
    ) -> list[QuotationWarning] | None:
        """Return the warnings about a repeated request; an unfinished quotation of this id gets them too.

        None means that the quotation was not started with this key, or not with these prices. Raises
        `KeyReusedError`.
        """
        run = await self._runs.describe(tracking_id)
        if await run_status.key_digest(run) != keyed.digest:
            return None
        if await run_status.first_fingerprint(run) == quotation.fingerprint:
            return []
        if keyed.kind is Kind.KEY:
            raise KeyReusedError
        first = (await self._runs.first_input(run)).request
        if not is_repeated(first, quotation.request):
            return None
        fields = differing_fields(first, quotation.request)
        warnings = [already_asked(fields)] if fields else []
        await self._warn(run, warnings)
        return warnings

    async def _warn(self, run: WorkflowExecutionDescription, warnings: list[QuotationWarning]) -> None:
        if run.close_time is not None:
            return
        # the caller must learn the id and the warning, even if the quotation has just ended
        with contextlib.suppress(GatewayError):
            known = (await told_by_temporal(self._runs, run)).warnings
            for warning in warnings:
                if warning not in known:
                    await self._runs.warn(run, warning)


def _memo(
    caller: Caller, environment: Environment, first_fingerprint: str, keyed: KeyedStart | None
) -> dict[str, Any]:
    memo = {
        run_status.ENVIRONMENT_MEMO: environment.label,
        run_status.ENVIRONMENT_NAME_MEMO: environment.name,
        run_status.FINGERPRINT_MEMO: first_fingerprint,
    }
    if not caller.is_local:
        memo[messages.OWNER_MEMO] = caller.name
    if keyed:
        memo[run_status.KEY_MEMO] = keyed.digest
    return memo
