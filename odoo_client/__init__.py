"""An asynchronous client for Odoo's external API, without any knowledge of Temporal or quotations.

Callers use `Odoo`. `XmlRpcOdoo` speaks XML-RPC, which Odoo supports until version 21, and `Json2Odoo` JSON-2,
which it supports since version 19.
"""

from odoo_client.api import Credentials, Odoo
from odoo_client.errors import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooCrowdedError,
    OdooError,
    OdooInstallationError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooMissingModelError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownMethodError,
    OdooUnknownReferenceError,
)
from odoo_client.keys import key_ends, key_owner
from odoo_client.preview import new_records, preview
from odoo_client.protocols import Json2Odoo, XmlRpcOdoo
from odoo_client.records import create_once, look_up
from odoo_client.rights import is_member, may_create
from odoo_client.traffic import in_a_hurry, on_behalf_of, unreserved
from odoo_client.trees import NAME, Fields, has_trees, specification
from odoo_client.values import Blank, NamedReference, OptionalId, OptionalReference, OptionalText, Reference

__all__ = [
    "NAME",
    "Blank",
    "Credentials",
    "Fields",
    "Json2Odoo",
    "NamedReference",
    "Odoo",
    "OdooAccessDeniedError",
    "OdooAuthError",
    "OdooBusyError",
    "OdooCrowdedError",
    "OdooError",
    "OdooInstallationError",
    "OdooLoginRefusedError",
    "OdooMissingError",
    "OdooMissingModelError",
    "OdooRejectedError",
    "OdooUnavailableError",
    "OdooUnexpectedError",
    "OdooUnknownMethodError",
    "OdooUnknownReferenceError",
    "OptionalId",
    "OptionalReference",
    "OptionalText",
    "Reference",
    "XmlRpcOdoo",
    "create_once",
    "has_trees",
    "in_a_hurry",
    "is_member",
    "key_ends",
    "key_owner",
    "look_up",
    "may_create",
    "new_records",
    "on_behalf_of",
    "preview",
    "specification",
    "unreserved",
]
