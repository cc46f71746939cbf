"""A version is the same wherever it is named, and a release is one commit and one tag."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from release import ROOT
from release.versions import ReleaseError, problems, release

FILES = ("pyproject.toml", "server.json", "deploy/mcpb/manifest.json")
DAY = date(2026, 11, 30)
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A line.\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with this project's files that name the version."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((ROOT / name).read_text())
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for variable in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(variable, "a")
    for variable in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(variable, "a@b.test")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=Change something")


def test_this_project_s_version_fits_everywhere() -> None:
    assert list(problems(ROOT)) == []


def test_a_release_is_a_commit_with_version_heading_and_annotated_tag(project: Path) -> None:
    release(project, "1.2.0", DAY)
    assert list(problems(project)) == []
    for name in FILES:
        assert '"1.2.0"' in (project / name).read_text()
    assert (project / "CHANGELOG.md").read_text() == (
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-30\n\n### Added\n\n- A line.\n"
    )
    assert git(project, "log", "-1", "--format=%s %D").startswith("Release 1.2.0 HEAD -> ")
    assert git(project, "cat-file", "-t", "v1.2.0") == "tag\n"
    assert "\n### Added\n\n- A line.\n" in git(project, "tag", "--list", "--format=%(contents)", "v1.2.0")
    assert git(project, "status", "--porcelain") == ""


def test_the_next_release_has_only_what_came_after_the_last(project: Path) -> None:
    release(project, "1.2.0", DAY)
    with pytest.raises(ReleaseError, match="nothing under Unreleased"):
        release(project, "1.2.1", DAY)
    changelog = project / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("[Unreleased]\n", "[Unreleased]\n\n- Another.\n"))
    commit(project)
    with pytest.raises(ReleaseError, match=r"1\.2\.0 has been released already"):
        release(project, "1.1.9", DAY)
    with pytest.raises(ReleaseError, match=r"v1\.2\.0 exists already"):
        release(project, "1.2.0", DAY)
    release(project, "1.10.0", DAY)
    assert git(project, "tag", "--list", "--format=%(contents)", "v1.10.0").strip() == "1.10.0\n\n- Another."


@pytest.mark.parametrize("version", ["1.2", "v1.2.0", "1.2.0rc1", "../1.2.0"])
def test_a_version_has_three_numbers(project: Path, version: str) -> None:
    with pytest.raises(ReleaseError, match=r"is not a version like 1\.2\.0"):
        release(project, version, DAY)


def test_what_is_not_committed_is_not_released(project: Path) -> None:
    (project / "new.py").touch()
    with pytest.raises(ReleaseError, match="not committed"):
        release(project, "1.2.0", DAY)


@pytest.mark.parametrize("name", ["server.json", "deploy/mcpb/manifest.json"])
def test_a_file_with_another_version_does_not_fit(project: Path, name: str) -> None:
    path = project / name
    path.write_text(path.read_text().replace('"version": "', '"version": "9'))
    [problem] = problems(project)
    assert problem.startswith(f"{name} has version 9")


def test_tag_version_and_heading_must_fit_each_other(project: Path) -> None:
    git(project, "tag", "v7.0.0")
    other, light, heading = problems(project)
    assert other.startswith("The commit has the tag v7.0.0, and pyproject.toml version ")
    assert light == "The tag v7.0.0 is not annotated."
    assert heading.startswith("The newest heading of CHANGELOG.md is not [")
