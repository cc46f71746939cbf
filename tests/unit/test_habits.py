"""The files that help contributors stay true."""

import re
from pathlib import Path

import pytest

from sandbox.processes import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_hooks_before_a_commit_run_what_make_lint_runs() -> None:
    hooks = re.findall(r"entry: \.venv/bin/(.+)", (ROOT / ".pre-commit-config.yaml").read_text())
    [lint] = re.findall(r"(?m)^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text())
    assert hooks == re.findall(r"@\$\(BIN\)/(.+)", lint)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_files_and_commands_that_exist(page: Path) -> None:
    text = page.read_text()
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0].isalpha())
    named = {ROOT / path for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text)}
    named |= {page.parent / path for path in re.findall(r"\]\((?!https?:)([^)#]+)", text)}
    assert [str(path.relative_to(ROOT)) for path in named if not path.exists()] == []

    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)) <= targets
