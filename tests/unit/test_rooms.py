"""The sizes that keep the house one that others can carry on; import-linter keeps its floors."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.unit.house import MODULES, PACKAGES, ROOT

_MOST_FILES = 14
_MOST_LINES = 300
_REASON = "Longer than 300 lines:"


def test_no_folder_holds_more_files_than_a_reader_can_survey() -> None:
    folders = {path.parent for path in MODULES} - {ROOT}
    crowded = {
        str(folder.relative_to(ROOT)): len(files)
        for folder in folders
        if len(files := list(folder.glob("*.py"))) > _MOST_FILES
    }
    assert crowded == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_or_says_why_not(path: Path) -> None:
    source = path.read_text()
    if len(source.splitlines()) > _MOST_LINES:
        assert _REASON in (ast.get_docstring(ast.parse(source)) or "")


def test_every_package_is_known_to_the_linters() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert {*PACKAGES} <= {*project["importlinter"]["root_packages"]}
    assert {*PACKAGES, "worker", "tests"} <= {*project["mypy"]["packages"]}
