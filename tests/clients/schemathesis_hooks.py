"""Facts about the gateway that schemathesis cannot know; loaded by schemathesis itself."""

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

from quotation.forgiving.absent import nothing_is_none


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Leave out what hides the rest: `lines` of right bodies beside a product, and `errors=body`.

    With `errors=body` every refusal is a 200, which no check of schemathesis knows; `tests/gateway` has its tests.
    """
    parts = case.meta.components if case.meta else {}
    is_wrong = ParameterLocation.BODY in parts and parts[ParameterLocation.BODY].mode.is_negative
    if isinstance(case.body, dict) and "product_id" in case.body and not is_wrong:
        case.body.pop("lines", None)
    if (case.query or {}).get("errors") == "body":
        case.query.pop("errors")


@schemathesis.check
def wrong_data_is_refused(
    ctx: CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Replace `negative_data_rejection`: a parameter that stands for nothing counts as absent."""
    if any(nothing_is_none(value) is None for value in _values(case)):
        return None
    return negative_data_rejection(ctx, response, case)


def _values(case: schemathesis.Case[Any]) -> list[Any]:
    every: list[Any] = []
    for value in [*(case.query or {}).values(), *(case.headers or {}).values()]:
        every += value if isinstance(value, list) else [value]
    return every
