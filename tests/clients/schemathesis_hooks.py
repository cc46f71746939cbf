"""What schemathesis cannot know of the gateway; loaded by schemathesis itself."""

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.check
def wrong_data_is_refused(
    ctx: CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Take the place of `negative_data_rejection`: with `errors=body` a refusal is a 200 that says so."""
    is_asked_for = (case.query or {}).get("errors") == "body"
    if is_asked_for and response.status_code == 200 and response.json()["status"] == "rejected":
        return None
    return negative_data_rejection(ctx, response, case)
