"""Facts about the gateway that schemathesis cannot know; loaded by schemathesis itself."""

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Leave `lines` out of bodies that are right but for a product beside them, so that the rest decides."""
    parts = case.meta.components if case.meta else {}
    is_wrong = ParameterLocation.BODY in parts and parts[ParameterLocation.BODY].mode.is_negative
    if isinstance(case.body, dict) and "product_id" in case.body and not is_wrong:
        case.body.pop("lines", None)


@schemathesis.check
def wrong_data_is_refused(
    ctx: CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Replace `negative_data_rejection`: with `errors=body` a refusal is a 200 that says so."""
    is_asked_for = (case.query or {}).get("errors") == "body"
    if is_asked_for and response.status_code == 200 and response.json()["status"] == "rejected":
        return None
    return negative_data_rejection(ctx, response, case)
