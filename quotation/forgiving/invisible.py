"""Characters that nobody sees, which arrive with copied addresses, numbers and telephone numbers."""

import re
import unicodedata

# combining characters that show nothing: the joiner of graphemes and the selectors of variants
_SELECTORS = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def without_invisible(value: object) -> object:
    """Return a text without the characters that show nothing, and any other value as it is.

    Only for texts in which they mean nothing. Names may need them: joiners change how some scripts are written.
    """
    if not isinstance(value, str) or value.isascii():
        return value
    shown = (character for character in value if unicodedata.category(character) != "Cf")
    return _SELECTORS.sub("", "".join(shown))
