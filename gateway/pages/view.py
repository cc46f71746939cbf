"""The contents of a quotation's page: its status, in one language."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateway.pages.languages import SPANISH
from quotation.status import Queue, QuotationStatus, Result, State, Step

_STEPS = [Step.AUTH, Step.PARTNER, Step.LEAD, Step.CONVERT, Step.ORDER, Step.LINE]
_KEYS = {
    Step.PARTNER: "partner",
    Step.LEAD: "lead",
    Step.CONVERT: "opportunity",
    Step.ORDER: "sale_order",
    Step.LINE: "product",
}
"""The key of a result's text for each step that has one."""

_MINUTE = 60
_RETRYING = "retrying"


@dataclass(frozen=True)
class ShownStep:
    """A step: its name, what became of it (a key of the words' `step_states`) and its text, if it has one."""

    name: str
    state: str
    text: str


@dataclass(frozen=True)
class View:
    """A status in words. `state` is a state of a quotation, or `retrying`."""

    state: str
    headline: str
    sentence: str
    advice: str
    steps: list[ShownStep]
    warnings: list[str]
    order_url: str | None
    is_final: bool

    @property
    def done(self) -> int:
        """The number of finished steps."""
        return sum(step.state == "done" for step in self.steps)


def view_of(status: QuotationStatus, words: Mapping[str, Any], language: str) -> View:
    """Return what to show of a status."""
    state = _RETRYING if status.retrying is not None else str(status.status)
    sentence, advice = _explained(status, words)
    return View(
        state=state,
        headline=words["headlines"].get(state) or words["doing"].get(status.step) or words["states"][state],
        sentence=sentence,
        advice=advice,
        steps=[_shown(step, status, words, language) for step in _STEPS],
        warnings=[words["warnings"].get(warning.code, warning.message) for warning in status.warnings],
        order_url=_web_address(status.result.sale_order_url),
        is_final=status.status.is_final,
    )


def _explained(status: QuotationStatus, words: Mapping[str, Any]) -> tuple[str, str]:
    """Return what happened, and what to do about it; either may be empty."""
    if status.retrying is not None:
        sentence, advice = words["waiting"].get(status.retrying.code, words["waiting_otherwise"])
        return sentence, advice
    if status.error is not None:
        sentence, advice = words["failures"][status.error.code]
        return sentence, advice
    if status.queue is not None:
        return _place(status.queue, words), ""
    return words.get(status.status, ""), ""


def _place(queue: Queue, words: Mapping[str, Any]) -> str:
    key = {0: "next_in_queue", 1: "one_ahead"}.get(queue.ahead, "many_ahead")
    sentence: str = words[key]
    return sentence.format(ahead=queue.ahead, seconds=_time(queue.estimated_seconds, words))


def _time(seconds: float, words: Mapping[str, Any]) -> str:
    if seconds < 2 * _MINUTE:
        return str(words["seconds"].format(count=max(2, math.ceil(seconds))))
    return str(words["minutes"].format(count=math.ceil(seconds / _MINUTE)))


def _shown(step: Step, status: QuotationStatus, words: Mapping[str, Any], language: str) -> ShownStep:
    text = status.result.steps.get(_KEYS.get(step, ""), "")
    state = _state_of(step, status, is_recorded=bool(text))
    if text and language != SPANISH:
        text = _record_of(step, status.result)
    return ShownStep(words["steps"][step], state, text)


def _state_of(step: Step, status: QuotationStatus, *, is_recorded: bool) -> str:
    order = list(Step)
    reached = status.step if status.status is not State.QUEUED else Step.QUEUED
    if is_recorded or order.index(step) < order.index(reached):
        return "done"
    if status.error is not None and status.error.step is step:
        return "failed"
    if status.retrying is not None and status.retrying.step is step:
        return "waiting"
    if step is not reached:
        return "pending"
    return "active" if status.status is State.PROCESSING else "stopped"


def _record_of(step: Step, result: Result) -> str:
    """Return the record of a step in words that need no translation."""
    name, number = {
        Step.PARTNER: (result.partner_name, result.partner_id),
        Step.LEAD: (result.lead_name, result.lead_id),
        Step.CONVERT: (result.lead_name, result.opportunity_id),
        Step.ORDER: (result.sale_order_name, result.sale_order_id),
    }.get(step, (", ".join(line.name for line in result.lines), None))
    return f"{name or ''} (ID: {number})".strip() if number is not None else name or ""


def _web_address(url: str | None) -> str | None:
    # a status is data: an address of another scheme could run as a script
    return url if url and urlsplit(url).scheme in ("http", "https") else None
