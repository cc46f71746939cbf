"""The users and products of every test Odoo, real or stand-in.

The passwords are for development: the servers listen on 127.0.0.1 only.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

LANGUAGES = ("en_US", "es_MX")
"""The languages installed in the test Odoo, which refuses all others."""

GROUP_INTERNAL = "base.group_user"
GROUP_PORTAL = "base.group_portal"
GROUP_SYSTEM = "base.group_system"
GROUP_SALESPERSON = "sales_team.group_sale_salesman"
GROUP_SALES_ALL_LEADS = "sales_team.group_sale_salesman_all_leads"
GROUP_SALES_MANAGER = "sales_team.group_sale_manager"


@dataclass(frozen=True)
class Product:
    """A `product.product`, with the database id that it has in every test Odoo."""

    id: int
    name: str
    default_code: str
    list_price: Decimal
    """The sales price of one unit in the company's currency (USD), without taxes."""
    barcode: str | None = None
    sale_ok: bool = True
    active: bool = True


@dataclass(frozen=True)
class User:
    """A `res.users`; its database id is Odoo's choice."""

    login: str
    password: str
    name: str
    groups: tuple[str, ...]
    """The external ids of its groups; Odoo adds those that they imply."""
    active: bool = True
    share: bool = False
    """True for portal users; Odoo computes it from the groups."""

    @property
    def api_key(self) -> str:
        """The user's API key in every test Odoo, in the form of Odoo's own. It has no end."""
        return hashlib.sha256(f"{self.login}-solo-desarrollo".encode()).hexdigest()[:40]


PRODUCTS = (
    Product(26174, "Robot PUDU", "MT1", Decimal("15950.00"), barcode="7501000261741"),
    Product(26175, "Robot KettyBot", "KT1", Decimal("12900.00"), barcode="7501000261758"),
    Product(26176, "Base de carga", "BC1", Decimal("890.00")),
    Product(26177, "Servicio de instalación", "INS", Decimal("2500.00")),
    Product(26178, "Robot BellaBot (descontinuado)", "OLD1", Decimal("9900.00"), active=False),
    Product(26179, "Refacción interna", "NS1", Decimal("120.00"), sale_ok=False),
)

ADMIN = User("admin", "admin-solo-desarrollo", "Administrator", (GROUP_SYSTEM, GROUP_SALES_MANAGER))
SALESPERSON = User("ventas", "ventas-solo-desarrollo", "Valeria Ventas", (GROUP_SALESPERSON,))
SALES_ALL_LEADS = User("ventas_todos", "ventas-todos-solo-desarrollo", "Tomás Todos", (GROUP_SALES_ALL_LEADS,))
COLLEAGUE = User("colega", "colega-solo-desarrollo", "Carla Colega", (GROUP_SALESPERSON,))
PORTAL = User("portal", "portal-solo-desarrollo", "Pedro Portal", (GROUP_PORTAL,), share=True)
INACTIVE = User("inactivo", "inactivo-solo-desarrollo", "Inés Inactiva", (GROUP_INTERNAL,), active=False)
NO_SALES_RIGHT = User("sinpermiso", "sinpermiso-solo-desarrollo", "Simón Sin Permiso", (GROUP_INTERNAL,))

USERS = (ADMIN, SALESPERSON, SALES_ALL_LEADS, COLLEAGUE, PORTAL, INACTIVE, NO_SALES_RIGHT)
