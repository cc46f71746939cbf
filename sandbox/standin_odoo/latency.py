"""How long each call takes: a constant, a random time in a range, or the times of the first version's flow."""

import random
from collections.abc import Callable

Latency = Callable[[str, str], float]
"""Return the seconds that a call of a model's method takes; the model of `authenticate` is `common`."""

_LONGEST_SECONDS = 3600

# the whole time of a step lies on the call that writes; its reads take no time
_ORIGINAL = {
    ("common", "authenticate"): 2.0,
    ("res.partner", "load"): 3.0,
    ("crm.lead", "load"): 3.0,
    ("crm.lead2opportunity.partner", "action_apply"): 2.0,
    ("sale.order", "load"): 4.0,
    ("sale.order.line", "load"): 3.0,
}


def latency(spec: str) -> Latency:
    """Return the latency for `0.05` (seconds), `2-4` (a random time between them) or `original`.

    Raises:
        ValueError: `spec` is not one of these.
    """
    if spec == "original":
        return lambda model, method: _ORIGINAL.get((model, method), 0.0)
    low, dash, high = spec.partition("-")
    shortest = _seconds(low)
    longest = _seconds(high) if dash else shortest
    return lambda _model, _method: random.uniform(shortest, longest)  # noqa: S311 - not a secret


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise ValueError(f"A call cannot take {text} seconds")
    return seconds
