"""The MCP prompts, one for each environment: how a model creates a quotation with its user, in Spanish."""

from collections.abc import Mapping
from typing import Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from gateway.mcp.calls import CallerOf, Context
from gateway.service.quotations import QuotationService
from quotation.environment import Environment
from quotation.forgiving.absent import nothing_is_none

_ARGUMENTS = {
    "cliente": "Nombre del cliente o de su empresa.",
    "correo": "Correo electrónico del cliente.",
    "productos": "Qué productos y cuántos, como los nombra el usuario.",
    "titulo": "Título corto de la cotización.",
}

_GUIDE = """\
Ayúdame a hacer una cotización en Odoo ({label}).{warning}

{known}

1. Pregúntame en un solo mensaje lo que falte: nombre del cliente (partner_name), su correo (email), los \
productos con sus cantidades y un título corto (lead_name). Teléfono, contacto, vendedor y notas solo si los \
menciono. No inventes ningún dato.
2. Encuentra el id de cada producto con {environment}_search_products. Si varios coinciden, pregúntame cuál. No \
pongas precio (product_price) si yo no lo doy: Odoo lo calcula.
3. Repíteme los datos y espera mi confirmación.
4. Llama una sola vez a {environment}_create_quotation, con un idempotency_key nuevo y wait_seconds 20. Si se \
pierde la respuesta, repite la llamada con el mismo idempotency_key. Si rechaza un dato, dime cuál y pídeme el \
correcto.
5. Mientras status no sea completed, failed o cancelled, consulta {environment}_get_quotation_status con el \
tracking_id y wait_seconds 20; sigue lo que diga next_action.
6. Dime el número de la orden y el total con su moneda. Si falló, dime el motivo; con el dato corregido usa \
{environment}_retry_quotation, no hagas otra cotización."""

_WARNING = " Es PRODUCCIÓN: lo que escribas lo ven el equipo de ventas y los clientes."

_NOTHING_KNOWN = "Todavía no tengo ningún dato."
_KNOWN = "Esto es lo que ya sé:"


def install(server: Server[Any], service: QuotationService, caller_of: CallerOf) -> None:
    """Add the prompts to a server; a caller sees those of the environments that it may use."""

    def environments_of(context: Context) -> list[Environment]:
        return service.environments.usable_by(caller_of(context))

    async def list_prompts(context: Context, _: PaginatedRequestParams) -> ListPromptsResult:
        return ListPromptsResult(prompts=list(map(_prompt, environments_of(context))))

    async def get_prompt(context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        for environment in environments_of(context):
            prompt = _prompt(environment)
            if prompt.name == params.name:
                text = _guide(environment, params.arguments or {})
                message = PromptMessage(role="user", content=TextContent(type="text", text=text))
                return GetPromptResult(description=prompt.description, messages=[message])
        raise MCPError(INVALID_PARAMS, "Unknown prompt")

    server.add_request_handler("prompts/list", PaginatedRequestParams, list_prompts)
    server.add_request_handler("prompts/get", GetPromptRequestParams, get_prompt)


def _prompt(environment: Environment) -> Prompt:
    return Prompt(
        name=f"{environment.name}_cotizacion",
        title=f"Hacer una cotización ({environment.label})",
        description="Reúne con el usuario los datos de una cotización, la crea en Odoo e informa el resultado.",
        arguments=[
            PromptArgument(name=name, description=description, required=False)
            for name, description in _ARGUMENTS.items()
        ],
    )


def _guide(environment: Environment, arguments: Mapping[str, str]) -> str:
    if not arguments.keys() <= _ARGUMENTS.keys():
        raise MCPError(INVALID_PARAMS, f"Unknown argument; the arguments are {', '.join(_ARGUMENTS)}")
    known = [name for name in _ARGUMENTS if nothing_is_none(arguments.get(name)) is not None]
    given = [f"- {name}: {arguments[name].strip()}" for name in known]
    return _GUIDE.format(
        environment=environment.name,
        label=environment.label,
        warning=_WARNING if environment.is_production else "",
        known="\n".join([_KNOWN, *given]) if given else _NOTHING_KNOWN,
    )
