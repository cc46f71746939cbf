"""How long each call takes: nothing, a constant, a range, a sequence, or the original flow's own times."""

import itertools
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """What a delay may depend on."""

    model: str
    method: str
    columns: Collection[str] = ()
    """The column names, where the call is a `load`."""


Latency = Callable[[Call], float]
"""Seconds that a call takes before it is answered."""

AUTHENTICATE = "authenticate"

_LONGEST = 3600

# contract.md section 3, "seed time". A step's whole time lies on the call that writes; its reads are free.
_ORIGINAL = {
    "res.partner": 3.0,
    "crm.lead": 3.0,
    "crm.lead2opportunity.partner": 2.0,
    "sale.order": 4.0,
    "sale.order.line": 3.0,
}
_STEP_METHODS = {"create", "load", "action_apply"}


def _original(call: Call) -> float:
    if call.method == AUTHENTICATE:
        return 2.0
    if call.model == "crm.lead" and call.method in ("write", "convert_opportunity"):
        return _ORIGINAL["crm.lead2opportunity.partner"]
    if call.model not in _ORIGINAL or call.method not in _STEP_METHODS:
        return 0.0
    if call.model == "crm.lead2opportunity.partner" and call.method != "action_apply":
        return 0.0
    seconds = _ORIGINAL[call.model]
    # two steps in one call save no time: the seed times are no measurement of such a call
    if any(column.startswith("order_line/") for column in call.columns):
        seconds += _ORIGINAL["sale.order.line"]
    return seconds


def parse_latency(spec: str) -> Latency:
    """The latency that `spec` names; ValueError where it names none.

    `0.05` is a constant, `2-4` a uniform range, `0.1,2,0.1` a sequence that the calls go through
    again and again, all in seconds; `original` are the times of the flow this system replaces.
    """
    if spec == "original":
        return _original
    if "," in spec:
        turns = itertools.cycle([_seconds(part) for part in spec.split(",")])
        return lambda _: next(turns)
    low, dash, high = spec.partition("-")
    if dash and low:
        bounds = _seconds(low), _seconds(high)
        return lambda _: random.uniform(*bounds)  # noqa: S311 - no secret depends on it
    constant = _seconds(spec)
    return lambda _: constant


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(f"no latency: {text!r} (give seconds, a range as 2-4, a sequence as 0.1,2, or original)")
    return seconds
