"""Each field of the stand-in is the same in a real Odoo."""

import pytest

import sandbox.standin_odoo.service  # noqa: F401 - registers the models
from sandbox.real_odoo import OdooAccess
from sandbox.standin_odoo.model import MODELS
from tests.odoo.client import Session

ATTRIBUTES = ["type", "string", "relation", "relation_field", "required", "readonly", "selection"]


@pytest.fixture(scope="module")
def administrators(standin: OdooAccess, real_database: OdooAccess) -> tuple[Session, Session]:
    """An administrator of the stand-in, and one of the real Odoo."""
    ours, theirs = (Session(one, one.admin_username, one.admin_password) for one in (standin, real_database))
    return ours, theirs


@pytest.mark.parametrize("model", sorted(MODELS))
def test_fields_are_those_of_the_real_odoo(administrators: tuple[Session, Session], model: str) -> None:
    ours, theirs = administrators
    fields = ours.call(model, "fields_get", [], ATTRIBUTES)
    assert fields == theirs.call(model, "fields_get", list(fields), ATTRIBUTES)


def test_fields_get_leaves_out_what_is_not_there(salesperson: Session) -> None:
    fields = salesperson.call("sale.order", "fields_get", ["opportunity_id", "nope"], ["type"])
    assert fields == {"opportunity_id": {"type": "many2one"}}
