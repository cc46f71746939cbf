"""Values that count as absent: null, blanks, empty lists, the id 0 and words such as `null` and `n/a`."""

import re

from quotation.values import strip

_PLACEHOLDER = re.compile(
    # the word, perhaps in quotes or brackets, or a variable that a template left unfilled
    r"""["'<(\[{]{0,2} (null|none|undefined|n/a|n\.a\.|not\ applicable|not\ provided|no\ aplica) ["'>)\]}]{0,2}"""
    r"""|\{\{[^{}]*\}\}|\$\{[^{}]*\}""",
    re.IGNORECASE | re.VERBOSE,
)
_ZERO = re.compile(r"0+(\.0*)?", re.ASCII)
_LONGEST_PLACEHOLDER = 100


def is_placeholder(value: object) -> bool:
    """Return True for a placeholder in upper or lower case: `null`, `None`, `undefined`, `N/A`."""
    if not isinstance(value, str) or len(value) > _LONGEST_PLACEHOLDER:
        return False
    return _PLACEHOLDER.fullmatch(str(strip(value))) is not None


def is_blank(value: object) -> bool:
    """Return True for null, a blank text, an empty list and an empty object."""
    return value is None or strip(value) == "" or value in ([], {})


def is_zero(value: object) -> bool:
    """Return True for 0 as a number or a numeral; False is a boolean and not a number."""
    if isinstance(value, str):
        return _ZERO.fullmatch(str(strip(value))) is not None
    return not isinstance(value, bool) and value == 0


def not_a_placeholder(text: str) -> str:
    """Return the text of a required field. Raise `ValueError` if it is a placeholder."""
    if is_placeholder(text):
        raise ValueError("must not be a placeholder such as null or n/a")
    return text


def nothing_is_none(value: object) -> object:
    """Return None for a parameter or header that counts as absent, and any other value unchanged."""
    return None if is_blank(value) or is_placeholder(value) else value
