"""Idempotency keys: how a repeated start finds the quotation of the first one (docs/reference.md, Idempotency)."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from quotation.identity import conversation_fingerprint, tracking_id_of
from quotation.stored.request import StoredRequest

LONGEST_KEY = 255
"""The most characters that a key may have; a blank one is the same as none."""

PRINTABLE = r"^[\x20-\x7e]*$"
"""A key consists of printable ASCII characters."""

_DIGEST_CHARACTERS = 32


class Kind(StrEnum):
    """How a repeated start is recognised."""

    KEY = "key"
    """By the key alone: with another request it is refused."""
    CONVERSATION = "conversation"
    """By conversation, customer and products: other ones in the conversation are another quotation."""


@dataclass(frozen=True)
class IdempotencyKey:
    """A key that a caller sent. Two callers never share one, and neither do two environments."""

    kind: Kind
    value: str

    @classmethod
    def chosen(cls, key: str | None, conversation: str | None) -> "IdempotencyKey | None":
        """Return the key if one was sent, otherwise the conversation, otherwise None."""
        if key is not None:
            return cls(Kind.KEY, key)
        return None if conversation is None else cls(Kind.CONVERSATION, conversation)


@dataclass(frozen=True)
class KeyedStart:
    """A start with a key: `digest` identifies the key, and the tracking ids are derived from it.

    The hash is keyed, so an attacker who knows a caller's keys cannot guess tracking ids.
    """

    kind: Kind
    digest: str

    @classmethod
    def create(
        cls, key: IdempotencyKey, owner: str, environment: str, request: StoredRequest, secret: str
    ) -> "KeyedStart":
        """Create the start of a request under this key."""
        scope = [key.kind, owner, environment, key.value]
        if key.kind is Kind.CONVERSATION:
            scope.append(conversation_fingerprint(request))
        text = json.dumps(scope, ensure_ascii=True)
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]
        return cls(key.kind, digest)

    def tracking_ids(self) -> Iterator[str]:
        """Yield the ids to try, without end: the next one is for a collision with another quotation."""
        for attempt in itertools.count():
            digest = hashlib.sha256(f"{self.digest} {attempt}".encode()).hexdigest()
            yield tracking_id_of(digest)
