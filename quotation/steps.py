"""The names of the activities in Temporal, and the step that each belongs to (docs/reference.md, Odoo)."""

from quotation.status import Step

AUTHENTICATE = "authenticate"
CHECK_REQUEST = "check_request"
GET_OR_CREATE_PARTNER = "get_or_create_partner"
CREATE_LEAD = "create_lead"
CONVERT_TO_OPPORTUNITY = "convert_to_opportunity"
CREATE_SALE_ORDER = "create_sale_order"
ADD_PRODUCT_LINES = "add_product_lines"
LOG_TO_S3 = "log_to_s3"

FIND_LATER_RUN = "find_later_run"
"""It belongs to no step: only a run that is a reset of another one calls it."""

STEP_OF = {
    AUTHENTICATE: Step.AUTH,
    CHECK_REQUEST: Step.AUTH,
    GET_OR_CREATE_PARTNER: Step.PARTNER,
    CREATE_LEAD: Step.LEAD,
    CONVERT_TO_OPPORTUNITY: Step.CONVERT,
    CREATE_SALE_ORDER: Step.ORDER,
    ADD_PRODUCT_LINES: Step.LINE,
}
"""The log belongs to no step, because a quotation never waits for it."""
