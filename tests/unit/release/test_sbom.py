"""The SBOM says what is in the image, by CycloneDX's own schema."""

import json
import subprocess
import sys
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import ROOT
from release.locks import read


@pytest.fixture(scope="module")
def printed() -> str:
    command = [sys.executable, "-m", "release.sbom"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def sbom(printed: str) -> Any:
    return json.loads(printed)


def test_it_is_cyclonedx(printed: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(printed) is None


def test_it_names_each_dependency_in_the_image_with_hashes_and_a_licence(sbom: Any) -> None:
    locked = {one.name: one for one in read(ROOT / "requirements.lock") if one.is_in_image}
    libraries = {one["name"]: one for one in sbom["components"] if one["type"] == "library"}
    assert libraries.keys() == locked.keys()
    for name, library in libraries.items():
        assert library["version"] == locked[name].version
        assert library["licenses"]
        [reference] = library["externalReferences"]
        assert {one["content"] for one in reference["hashes"]} == {*locked[name].hashes}


def test_it_names_the_base_image(sbom: Any) -> None:
    [base] = [one for one in sbom["components"] if one["type"] == "container"]
    assert f"FROM {base['name']}:{base['version']} AS base\n" in (ROOT / "Dockerfile").read_text()


def test_each_component_has_a_reason_to_be_there(sbom: Any) -> None:
    refs = {one["bom-ref"]: one["name"] for one in [sbom["metadata"]["component"], *sbom["components"]]}
    named = {(refs[one["ref"]], refs[ref]) for one in sbom["dependencies"] for ref in one["dependsOn"]}
    locked = {
        (by, one.name) for one in read(ROOT / "requirements.lock") if one.is_in_image for by in one.wanted_by
    }
    assert named == locked
    assert {name for _, name in named} == {one["name"] for one in sbom["components"] if one["type"] == "library"}


def test_it_has_nothing_that_differs_from_run_to_run(sbom: Any) -> None:
    assert "serialNumber" not in sbom
    assert sbom["metadata"].keys() == {"component"}
