import pytest

from gateway.service.callers import LOCAL, Caller

ANA = Caller("ana", frozenset({"dev"}))
BOSS = Caller("boss", frozenset({"dev"}), reads_all=True)
OPERATOR = Caller("operator", frozenset({"dev"}), reads_all=True, operates=True)


@pytest.mark.parametrize(
    ("caller", "owner", "environment", "may"),
    [
        (ANA, "ana", "dev", (True, True)),
        (ANA, "ana", "prod", (False, False)),
        (ANA, "ana", "", (False, False)),
        (ANA, "boss", "dev", (False, False)),
        (ANA, "", "dev", (False, False)),
        (BOSS, "boss", "dev", (True, True)),
        (BOSS, "ana", "dev", (True, False)),
        (BOSS, "", "dev", (True, False)),
        (BOSS, "ana", "prod", (False, False)),
        (BOSS, "ana", "", (False, False)),
        (OPERATOR, "ana", "dev", (True, True)),
        (OPERATOR, "", "dev", (True, True)),
        (OPERATOR, "ana", "prod", (False, False)),
        (LOCAL, "", "dev", (True, True)),
        (LOCAL, "ana", "prod", (True, True)),
        (LOCAL, "", "", (True, True)),
    ],
)
def test_who_may_read_and_change_what(
    caller: Caller, owner: str, environment: str, may: tuple[bool, bool]
) -> None:
    assert (caller.may_read(owner, environment), caller.may_change(owner, environment)) == may
