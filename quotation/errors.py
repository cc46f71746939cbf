"""The stable error codes of a failed quotation (docs/reference.md, Error codes)."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a quotation failed; programs may rely on the values."""

    PRODUCT_NOT_FOUND = "product_not_found"
    PRODUCT_AMBIGUOUS = "product_ambiguous"
    PRODUCT_NOT_QUOTABLE = "product_not_quotable"
    CURRENCY_MISMATCH = "currency_mismatch"
    USER_NOT_FOUND = "user_not_found"
    ODOO_AUTH_FAILED = "odoo_auth_failed"
    ODOO_ACCESS_DENIED = "odoo_access_denied"
    ODOO_REJECTED = "odoo_rejected"
    ODOO_UNAVAILABLE = "odoo_unavailable"
    ODOO_UNEXPECTED = "odoo_unexpected"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"
