"""The fairness keys of owners."""

import pytest

from quotation import turns


@pytest.mark.parametrize("owner", ["", "ana", "a" * 64, "oauth:" + "ñ" * 100])
def test_first_and_later_steps_have_keys_of_their_own_that_temporal_allows(owner: str) -> None:
    first = turns.key_of(owner)
    later = turns.key_of_next_steps(first)
    assert first != later
    assert max(len(first.encode()), len(later.encode())) <= 64


def test_owners_do_not_share_keys() -> None:
    first = [turns.key_of(owner) for owner in ("", "ana", "a" * 64, "a" * 65, "a" * 66)]
    keys = [*first, *map(turns.key_of_next_steps, first)]
    assert len(set(keys)) == len(keys)


def test_the_owner_is_the_same_in_both_keys() -> None:
    first = turns.key_of("ana")
    assert turns.owner_in(first) == turns.owner_in(turns.key_of_next_steps(first))
