import pytest

from gateway.errors import ForbiddenEnvironmentError, UnknownEnvironmentError
from gateway.service.callers import LOCAL, Caller
from gateway.service.environments import ConfiguredEnvironments
from quotation.environment import Environment

PROD, WORKSHOP, DEV = (Environment(name, name.title()) for name in ("prod", "taller", "dev"))
CONFIGURED = ConfiguredEnvironments([PROD, WORKSHOP, DEV])
ANA = Caller("ana", frozenset({"dev", "prod"}))


def test_environments_keep_their_order() -> None:
    assert list(CONFIGURED) == [PROD, WORKSHOP, DEV]
    assert CONFIGURED.usable_by(ANA) == [PROD, DEV]
    assert CONFIGURED.usable_by(LOCAL) == [PROD, WORKSHOP, DEV]


def test_an_environment_is_found_by_its_name_and_not_by_its_label() -> None:
    assert CONFIGURED.named("dev", ANA) is DEV
    with pytest.raises(UnknownEnvironmentError):
        CONFIGURED.named("Dev", ANA)


def test_an_environment_of_others_is_refused() -> None:
    with pytest.raises(ForbiddenEnvironmentError):
        CONFIGURED.named("taller", ANA)
