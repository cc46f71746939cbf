"""Cursors of lists: Temporal's page tokens, in a form that shows whether one was damaged on its way."""

import base64
import binascii
import hashlib

_CHECK_BYTES = 6


def encode_cursor(token: bytes) -> str:
    """Return the cursor for a page token."""
    # Temporal takes ten seconds to refuse a token that was cut or changed on its way
    return base64.urlsafe_b64encode(_check(token) + token).decode().rstrip("=")


def decode_cursor(cursor: str) -> bytes:
    """Return the page token. Raises `ValueError` if it is not a cursor of `encode_cursor`."""
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        content = b""
    check, token = content[:_CHECK_BYTES], content[_CHECK_BYTES:]
    if not token or check != _check(token):
        raise ValueError("must be the next_cursor of an earlier answer")
    return token


def _check(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()[:_CHECK_BYTES]
