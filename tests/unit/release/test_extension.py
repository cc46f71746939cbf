"""The Desktop Extension and the registry's entry, by the schemas of those who read them."""

import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from release import ROOT, extension

SCHEMAS = ROOT / "tests" / "data" / "schemas"
MANIFEST = json.loads((extension.SOURCE / "manifest.json").read_text())
SERVER = json.loads((ROOT / "server.json").read_text())


def errors(schema: str, document: Any) -> list[str]:
    validator = Draft7Validator(json.loads((SCHEMAS / schema).read_text()))
    return [error.message for error in validator.iter_errors(document)]


def test_the_manifest_is_one_of_mcpb() -> None:
    assert errors("mcpb-manifest-v0.3.schema.json", MANIFEST) == []
    assert errors("mcpb-manifest-v0.3.schema.json", MANIFEST | {"server": {}})


def test_the_registry_s_entry_fits_its_schema() -> None:
    assert errors("server-2025-12-11.schema.json", SERVER) == []
    assert errors("server-2025-12-11.schema.json", SERVER | {"name": "no-namespace"})
    assert SERVER["$schema"] == json.loads((SCHEMAS / "server-2025-12-11.schema.json").read_text())["$id"]


@pytest.mark.parametrize("place", ["url", "value"])
def test_the_registry_s_entry_explains_each_variable_that_it_uses(place: str) -> None:
    [remote] = SERVER["remotes"]
    template = remote if place == "url" else remote["headers"][0]
    for name, variable in template["variables"].items():
        assert f"{{{name}}}" in template[place]
        assert variable["description"]


def test_the_extension_has_what_its_manifest_names(tmp_path: Path) -> None:
    names = ZipFile(extension.build(tmp_path)).namelist()
    entry = MANIFEST["server"]["entry_point"]
    assert {"manifest.json", MANIFEST["icon"], entry} == {*names}
    assert MANIFEST["server"]["mcp_config"]["args"] == [f"${{__dirname}}/{entry}"]


def test_the_key_is_kept_as_a_secret_and_never_on_a_command_line() -> None:
    configuration = MANIFEST["server"]["mcp_config"]
    assert MANIFEST["user_config"]["api_key"]["sensitive"] is True
    assert "user_config" not in " ".join(configuration["args"])
    used = {value for value in configuration["env"].values() if "user_config" in value}
    assert used == {f"${{user_config.{name}}}" for name in MANIFEST["user_config"]}


def test_the_icon_has_the_size_that_directories_ask_for() -> None:
    assert struct.unpack(">II", (extension.SOURCE / "icon.png").read_bytes()[16:24]) == (512, 512)


def test_the_same_files_make_the_same_extension(tmp_path: Path) -> None:
    first = extension.build(tmp_path / "a").read_bytes()
    os.utime(extension.SOURCE / "manifest.json")
    second = extension.build(tmp_path / "b").read_bytes()
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
