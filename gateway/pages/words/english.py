"""The words of the pages in English."""

from typing import Any

from quotation.errors import ErrorCode
from quotation.status import Step

_WAIT = "There is nothing to do: the system tries again, and the quotation completes by itself."
_OPERATOR = (
    "Tell the people who run the system. Once it is fixed, the quotation can be retried without duplicates."
)
_CORRECT = "Correct the value and retry the quotation; nothing is created twice."

WORDS: dict[str, Any] = {
    "site": "Quotations",
    "skip": "Skip to content",
    "quotation": "Quotation",
    "states": {
        "queued": "Queued",
        "processing": "In progress",
        "retrying": "Waiting for Odoo",
        "completed": "Completed",
        "failed": "Not completed",
        "cancelled": "Cancelled",
    },
    "headlines": {
        "queued": "The quotation is queued",
        "retrying": "Waiting for Odoo to continue",
        "completed": "The quotation is ready",
        "failed": "The quotation could not be made",
        "cancelled": "The quotation was cancelled",
    },
    "doing": {
        Step.AUTH: "Checking the data",
        Step.PARTNER: "Registering the customer",
        Step.LEAD: "Registering the lead",
        Step.CONVERT: "Converting it to an opportunity",
        Step.ORDER: "Creating the quotation",
        Step.LINE: "Adding the products",
        Step.DONE: "Finishing",
    },
    "steps": {
        Step.AUTH: "Data check",
        Step.PARTNER: "Customer",
        Step.LEAD: "Lead",
        Step.CONVERT: "Opportunity",
        Step.ORDER: "Quotation in Odoo",
        Step.LINE: "Products",
    },
    "step_states": {
        "done": "done",
        "active": "in progress",
        "waiting": "waiting",
        "failed": "failed",
        "stopped": "stopped",
        "pending": "pending",
    },
    "steps_title": "Steps",
    "steps_done": "{done} of {total} steps",
    "queued": "It starts as soon as it is its turn.",
    "next_in_queue": "It is the next in the queue and starts in about {seconds}.",
    "one_ahead": "There is one quotation ahead; it starts in about {seconds}.",
    "many_ahead": "There are {ahead} quotations ahead; it starts in about {seconds}.",
    "seconds": "{count} seconds",
    "minutes": "{count} minutes",
    "processing": "It usually takes less than a minute. This page updates itself.",
    "attempt": "Attempt {attempt}",
    "attempt_running": "in progress",
    "cancelled": "Everything that was already in Odoo is kept.",
    "what_to_do": "What to do",
    "waiting": {
        ErrorCode.ODOO_AUTH_FAILED: ("Odoo refused our login.", "Tell the people who run the system."),
        ErrorCode.ODOO_ACCESS_DENIED: (
            "Our user lacks a permission in Odoo.",
            "Tell the people who run the system.",
        ),
        ErrorCode.ODOO_UNAVAILABLE: ("Odoo does not respond at the moment.", _WAIT),
    },
    "waiting_otherwise": ("Odoo gave an unexpected response.", _WAIT),
    "failures": {
        ErrorCode.PRODUCT_NOT_FOUND: ("The product does not exist or is not for sale.", _CORRECT),
        ErrorCode.PRODUCT_AMBIGUOUS: (
            "Several products match.",
            "Choose one of them and retry the quotation with its number.",
        ),
        ErrorCode.PRODUCT_NOT_QUOTABLE: (
            "This product cannot be quoted this way.",
            "Choose another product and retry the quotation, or create it in Odoo.",
        ),
        ErrorCode.CURRENCY_MISMATCH: ("The agreed prices are not in the quotation's currency.", _CORRECT),
        ErrorCode.USER_NOT_FOUND: (
            "The salesperson does not exist or is not active.",
            "Retry the quotation with another salesperson, or with none so that Odoo assigns one.",
        ),
        ErrorCode.ODOO_AUTH_FAILED: ("Odoo refused our login.", _OPERATOR),
        ErrorCode.ODOO_ACCESS_DENIED: ("Odoo does not allow us to make it.", _OPERATOR),
        ErrorCode.ODOO_REJECTED: ("Odoo refused the data.", _CORRECT),
        ErrorCode.ODOO_UNAVAILABLE: ("Odoo did not respond for too long.", _OPERATOR),
        ErrorCode.ODOO_UNEXPECTED: ("Odoo gave an unexpected response several times.", _OPERATOR),
        ErrorCode.TERMINATED: ("An operator stopped it before it was finished.", _OPERATOR),
        ErrorCode.TIMED_OUT: ("It took longer than it may.", _OPERATOR),
    },
    "warnings_title": "Please check",
    # their own messages are in English, and name lines and fields
    "warnings": {},
    "lines_title": "Products",
    "discount": "{percent} % discount",
    "untaxed": "Subtotal",
    "tax": "Taxes",
    "total": "Total",
    "open_order": "Open {name} in Odoo",
    "open_nameless": "Open in Odoo",
    "customer": "Customer",
    "subject": "Subject",
    "started": "Requested",
    "finished": "Finished",
    "elapsed": "Duration",
    "reference": "Tracking",
    "link_until": "This link is personal and expires on {day}.",
    "home": {
        "title": "Quotations in Odoo",
        "purpose": "This service creates quotations in Odoo, each exactly once, for voice agents, assistants and"
        " programs.",
        "looking": "To see a quotation, open the link that you received with it.",
        "addresses": "Addresses for programs",
        "key": "needs a key",
        "how_to_send": "Send the key with each call:",
        "names": {
            "board": "Board for operators",
            "documentation": "Documentation",
            "rest": "REST",
            "openapi": "OpenAPI description",
            "mcp": "MCP (Streamable HTTP)",
            "sse": "MCP (SSE)",
            "alive": "Liveness",
            "ready": "Readiness",
            "metrics": "Metrics",
        },
    },
    "refusals": {
        "forged": ("This link is not valid", "Check that the address is complete, or ask for a new link."),
        "expired": ("This link has expired", "Ask the person who sent it for a new one."),
        "unknown": (
            "This quotation is gone",
            "Its history is no longer kept. If it was completed, it is in Odoo.",
        ),
        "away": ("It cannot be shown at the moment", "The page tries again in a few seconds."),
        "full": ("This page has too many visitors", "Try again in a few minutes."),
    },
}
"""Words and sentences; a pair is what happened and what to do."""
