"""The stand-in describes its models and their fields as a real Odoo does."""

import pytest

from sandbox.real_odoo import OdooAccess
from sandbox.standin_odoo.fields import MODELS
from tests.odoo.client import Session
from tests.odoo.record_models import description, labels


@pytest.fixture(scope="module")
def administrators(standin: OdooAccess, real_database: OdooAccess) -> tuple[Session, Session]:
    """An administrator of the stand-in, and one of the real Odoo."""
    ours, theirs = (Session(one, one.admin_username, one.admin_password) for one in (standin, real_database))
    return ours, theirs


@pytest.mark.parametrize("model", sorted(MODELS))
def test_fields_and_defaults_are_those_of_the_real_odoo(
    administrators: tuple[Session, Session], model: str
) -> None:
    ours, theirs = administrators
    names = ours.call(model, "fields_get", [], ["type"])
    assert description(ours, model, names) == description(theirs, model, names)


def test_labels_are_those_of_the_real_odoo(administrators: tuple[Session, Session]) -> None:
    _, theirs = administrators
    assert labels(theirs, MODELS) == {model: one["label"] for model, one in MODELS.items()}


def test_fields_get_leaves_out_what_is_not_there(salesperson: Session) -> None:
    fields = salesperson.call("sale.order", "fields_get", ["opportunity_id", "nope"], ["type"])
    assert fields == {"opportunity_id": {"type": "many2one"}}
