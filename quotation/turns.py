"""How callers take turns: the fairness keys of steps in Temporal (docs/architecture.md, Turns).

Each waiting step gets a number, and the lowest one is next. The first step of a key gets the number that the queue
has reached, and each further one is a stride behind the one before. So a caller with one quotation is next, and a
batch is spread far ahead. The later steps have a key of their own with a shorter stride, so a quotation that has
begun overtakes those of its caller that have not.
"""

import hashlib

NEXT_WEIGHT = 10.0
"""How many later steps of a caller have a turn for each first one, if both wait.

A quotation has five of them, so a batch is worked off one quotation after the other. With many more, the second
quotation of a caller would wait until most of what has begun is done.
"""

_LONGEST_KEY = 64
"""In bytes; Temporal refuses longer ones."""

_NEXT = "+"


def key_of(owner: str) -> str:
    """Return the key of the first steps of an owner's quotations."""
    return owner if len(owner.encode()) <= _LONGEST_KEY else hashlib.sha256(owner.encode()).hexdigest()


def key_of_next_steps(key: str) -> str:
    """Return the key of the later steps of quotations whose first steps have `key`."""
    return key_of(f"{_NEXT}{key}")


def owner_in(key: str) -> str:
    """Return what the keys of an owner's first and later steps have in common."""
    return key.removeprefix(_NEXT)
