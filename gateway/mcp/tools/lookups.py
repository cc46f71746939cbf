"""The MCP tools that look up products and customers in Odoo."""

from mcp_types import Tool as Definition

from gateway.mcp.tools.tool import READS, Tool, create_tool_name, titled
from gateway.schemas import input_schema, output_schema
from gateway.service.callers import Caller
from gateway.service.lookups import Lookups
from quotation.environment import Environment
from quotation.lookups import PartnerPage, PartnerQuery, ProductPage, ProductQuery

_PRODUCTS = """\
Find products for sale in the {label} Odoo, with their ids, before you call {create_tool}. Search with the \
customer's own words, a code or a barcode; accents and word order do not matter. list_price is the catalog price; \
the price on the order may differ."""

_PARTNERS = """\
Find existing customers in the {label} Odoo. Each word must appear in the name or e-mail address. Pass the \
address found to {create_tool}."""


def search_products(lookups: Lookups, environment: Environment) -> Tool:
    """Return the tool that finds products of an environment."""

    async def call(caller: Caller, query: ProductQuery) -> ProductPage:
        return await lookups.find_products(caller, environment.name, query)

    definition = Definition(
        name=f"{environment.name}_search_products",
        title=titled("Find products", environment),
        description=_PRODUCTS.format(label=environment.label, create_tool=create_tool_name(environment)),
        input_schema=input_schema(ProductQuery),
        output_schema=output_schema(ProductPage),
        annotations=READS,
    )
    return Tool(definition, (ProductQuery,), call)


def search_partners(lookups: Lookups, environment: Environment) -> Tool:
    """Return the tool that finds customers of an environment."""

    async def call(caller: Caller, query: PartnerQuery) -> PartnerPage:
        return await lookups.find_partners(caller, environment.name, query)

    definition = Definition(
        name=f"{environment.name}_search_partners",
        title=titled("Find customers", environment),
        description=_PARTNERS.format(label=environment.label, create_tool=create_tool_name(environment)),
        input_schema=input_schema(PartnerQuery),
        output_schema=output_schema(PartnerPage),
        annotations=READS,
    )
    return Tool(definition, (PartnerQuery,), call)
