import re
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from tests.gateway.mcp.test_tasks import TRANSPORTS
from tests.support import callers
from tests.support.callers import ANA, bearer


async def text_of(client: Client, name: str, arguments: dict[str, str] | None = None) -> str:
    (message,) = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    assert message.content.type == "text"
    return message.content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_each_environment_has_a_prompt_that_names_its_tools(
    gateway: str, temporal_address: str, transport: str, mode: Any
) -> None:
    async with Client(TRANSPORTS[transport](gateway, temporal_address), mode=mode) as client:
        prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
        tools = {tool.name for tool in (await client.list_tools()).tools}
        text = await text_of(client, "dev_cotizacion")

    assert "dev_cotizacion" in prompts
    arguments = prompts["dev_cotizacion"].arguments or []
    assert [argument.name for argument in arguments] == ["cliente", "correo", "productos", "titulo"]
    assert not any(argument.required for argument in arguments)
    named = set(re.findall(r"dev_\w+", text))
    assert {"dev_create_quotation", "dev_get_quotation_status", "dev_search_products"} <= named <= tools
    assert "Todavía no tengo ningún dato." in text
    assert "PRODUCCIÓN" not in text


async def test_what_is_known_already_stands_in_the_prompt(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        text = await text_of(
            client, "prod_cotizacion", {"cliente": "Acme {0} Corp", "correo": " ", "titulo": "Robot"}
        )

    assert "Esto es lo que ya sé:\n- cliente: Acme {0} Corp\n- titulo: Robot\n" in text
    assert "correo:" not in text
    assert "PRODUCCIÓN" in text


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("cotizacion", {}, "Unknown prompt"),
        ("dev_cotizacion", {"SECRET": "x"}, "Unknown argument; the arguments are cliente,"),
    ],
)
async def test_a_prompt_that_cannot_be_given(
    gateway: str, name: str, arguments: dict[str, str], words: str
) -> None:
    async with Client(f"{gateway}/mcp") as client:
        with pytest.raises(MCPError, match=words) as refused:
            await client.get_prompt(name, arguments)

    assert refused.value.code == -32602
    assert "SECRET" not in refused.value.message


async def test_a_caller_has_the_prompts_of_its_environments(keyed: str) -> None:
    async with callers.mcp(keyed, bearer(ANA)) as client:
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["dev_cotizacion"]
        with pytest.raises(MCPError, match="Unknown prompt"):
            await client.get_prompt("prod_cotizacion")
