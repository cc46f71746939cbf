"""Temporal's search attributes of a quotation: their names, all of the type Keyword, without customer data."""

OWNER_ATTRIBUTE = "QuotationOwner"
"""The search attribute with the name of the quotation's owner."""

STATUS_ATTRIBUTE = "QuotationStatus"
"""The search attribute with the quotation's `State`."""

ENVIRONMENT_ATTRIBUTE = "QuotationEnvironment"
"""The search attribute with the name of the quotation's environment, e.g. `prod`."""

ERROR_ATTRIBUTE = "ErrorCode"
"""The search attribute with the `ErrorCode` of a failed quotation."""

STEP_ATTRIBUTE = "QuotationStep"
"""The search attribute with the `Step` that an ended quotation has reached."""

ORDER_ATTRIBUTE = "SaleOrder"
"""The search attribute with the name of the sale order of an ended quotation, e.g. `S00042`."""

SALESPERSON_ATTRIBUTE = "Salesperson"
"""The search attribute with the id of the salesperson in Odoo; absent if that is Odoo's own user."""

FINAL_ATTRIBUTES = (ERROR_ATTRIBUTE, STEP_ATTRIBUTE, ORDER_ATTRIBUTE, SALESPERSON_ATTRIBUTE)
"""The search attributes that a run sets at its end, with its final state."""

SEARCH_ATTRIBUTES = (OWNER_ATTRIBUTE, STATUS_ATTRIBUTE, ENVIRONMENT_ATTRIBUTE, *FINAL_ATTRIBUTES)
"""Keywords without customer data, the most useful first: a namespace that has room for few gets these."""
