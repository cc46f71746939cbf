"""The Desktop Extension as a host installs and starts it."""

import json
import re
from pathlib import Path
from zipfile import ZipFile

from mcp.client.stdio import StdioServerParameters

from release import extension
from tests.clients.installed import Node


def installed_extension(
    node: Node, folder: Path, variables: dict[str, str], **answers: str
) -> StdioServerParameters:
    """Unpack the built extension, and return its command with what the person answered for its settings.

    A setting without an answer stays a placeholder, as it does in Claude Desktop.
    """
    with ZipFile(extension.build(folder / "built")) as archive:
        archive.extractall(folder / "extension")
    manifest = json.loads((folder / "extension" / "manifest.json").read_text())
    values = {"__dirname": str(folder / "extension")} | {
        f"user_config.{name}": text for name, text in answers.items()
    }

    def filled(text: str) -> str:
        return re.sub(r"\$\{([\w.]+)\}", lambda found: values.get(found[1], found[0]), text)

    assert manifest["server"]["type"] == "node"
    configuration = manifest["server"]["mcp_config"]
    assert configuration["command"] == "node"
    return StdioServerParameters(
        command=str(node.binary),
        args=[filled(argument) for argument in configuration["args"]],
        env=variables | {name: filled(value) for name, value in configuration["env"].items()},
    )
