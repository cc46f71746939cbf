"""The catalogue's API keys, which Odoo would choose itself: it stores only their hashes."""

import base64
import hashlib

from sandbox.catalogue import USERS

# those of `odoo/addons/base/models/res_users.py`
_ROUNDS = 6000
_INDEX_SIZE = 8

_ADD = """
INSERT INTO res_users_apikeys (name, user_id, key, index)
SELECT 'tests', id, '{hash}', '{index}' FROM res_users
WHERE login = '{login}'
  AND NOT EXISTS (SELECT FROM res_users_apikeys AS known WHERE known.user_id = res_users.id AND index = '{index}');
"""


def statements() -> str:
    """Return SQL that adds the keys of the catalogue's users to a database of Odoo that lacks them."""
    return "".join(
        _ADD.format(hash=_hashed(user.api_key), index=user.api_key[:_INDEX_SIZE], login=user.login)
        for user in USERS
    )


def _hashed(key: str) -> str:
    """Return passlib's `pbkdf2_sha512` of a key."""
    salt = hashlib.sha256(key.encode()).digest()[:16]
    digest = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, _ROUNDS)
    return f"$pbkdf2-sha512${_ROUNDS}${_in_base64(salt)}${_in_base64(digest)}"


def _in_base64(content: bytes) -> str:
    return base64.b64encode(content, altchars=b"./").decode().rstrip("=")
