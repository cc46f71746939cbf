"""The two protocols of Odoo's external API, over one HTTP client."""

from odoo_client.protocols.json2 import Json2Odoo
from odoo_client.protocols.xmlrpc import XmlRpcOdoo

__all__ = ["Json2Odoo", "XmlRpcOdoo"]
