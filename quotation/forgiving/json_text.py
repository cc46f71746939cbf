"""Objects and lists that come as their JSON text."""

import json


def decoded(value: object, kind: type) -> object:
    """Return the object or list of a JSON text, even if it was encoded twice, and any other value as it is."""
    read = value
    for _ in range(2):
        if not isinstance(read, str):
            break
        try:
            read = json.loads(read)
        except (ValueError, RecursionError):
            return value
    return read if isinstance(read, kind) or read is None else value
