"""The version, which is the same in each file that names it, in the changelog and in the tag.

`python -m release.versions` reports what does not fit. `python -m release.versions 1.2.0` releases 1.2.0 as a
commit and an annotated tag, and does not push them.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from release import ROOT

_FILES = {
    "pyproject.toml": re.compile(r'(?m)^(version = ")(.*)(")$'),
    "server.json": re.compile(r'(?m)^(  "version": ")(.*)(",)$'),
    "deploy/mcpb/manifest.json": re.compile(r'(?m)^(  "version": ")(.*)(",)$'),
}
_CHANGELOG = "CHANGELOG.md"
_UNRELEASED = "## [Unreleased]\n"
_HEADING = re.compile(r"(?m)^## \[(\d\S*)\] - (\d{4}-\d{2}-\d{2})$")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


class ReleaseError(Exception):
    """Says in a sentence why a version cannot be released."""


def version(root: Path) -> str:
    """Return the version in `pyproject.toml`, which is the one that counts."""
    return _named(root, "pyproject.toml")


def problems(root: Path) -> Iterator[str]:
    """Return a sentence for each file, tag or heading that does not fit the version."""
    current = version(root)
    for name in _FILES:
        if _named(root, name) != current:
            yield f"{name} has version {_named(root, name)}, pyproject.toml {current}."
    tags = [tag for tag in _git(root, "tag", "--points-at", "HEAD").split() if tag.startswith("v")]
    for tag in tags:
        if tag != f"v{current}":
            yield f"The commit has the tag {tag}, and pyproject.toml version {current}."
        if _git(root, "cat-file", "-t", tag).strip() != "tag":
            yield f"The tag {tag} is not annotated."
    newest = _HEADING.search((root / _CHANGELOG).read_text())
    if tags and (newest is None or newest[1] != current):
        yield f"The newest heading of {_CHANGELOG} is not [{current}] with a date."


def release(root: Path, new: str, day: date) -> None:
    """Write the version and the changelog's heading, commit them and tag the commit.

    Raises:
        ReleaseError: this version cannot be released from here.
    """
    tag = f"v{new}"
    if not _VERSION.fullmatch(new):
        raise ReleaseError(f"{new} is not a version like 1.2.0.")
    if _git(root, "status", "--porcelain").strip():
        raise ReleaseError("There are changes that are not committed.")
    if _git(root, "tag", "--list", tag).strip():
        raise ReleaseError(f"The tag {tag} exists already.")
    newest = _HEADING.search((root / _CHANGELOG).read_text())
    if newest and _numbers(newest[1]) >= _numbers(new):
        raise ReleaseError(f"{newest[1]} has been released already.")
    notes = _unreleased(root)
    if not notes:
        raise ReleaseError(f"{_CHANGELOG} has nothing under Unreleased.")
    for name, pattern in _FILES.items():
        text = (root / name).read_text()
        (root / name).write_text(pattern.sub(rf"\g<1>{new}\g<3>", text, count=1))
    changelog = (root / _CHANGELOG).read_text()
    heading = f"{_UNRELEASED}\n## [{new}] - {day.isoformat()}\n"
    (root / _CHANGELOG).write_text(changelog.replace(_UNRELEASED, heading, 1))
    _git(root, "commit", "--quiet", "--all", f"--message=Release {new}")
    # its lines that begin with # are headings, not comments
    _git(root, "tag", "--annotate", "--cleanup=verbatim", f"--message={new}\n\n{notes}\n", tag)


def _unreleased(root: Path) -> str:
    _, _, rest = (root / _CHANGELOG).read_text().partition(_UNRELEASED)
    return re.split(r"(?m)^## ", rest)[0].strip()


def _named(root: Path, name: str) -> str:
    found = _FILES[name].search((root / name).read_text())
    if found is None:
        raise ReleaseError(f"{name} names no version.")
    return found[2]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(".")]


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S607  # the git of PATH
    if done.returncode:
        raise ReleaseError(done.stderr.strip())
    return done.stdout


def main(new: str | None) -> int:
    """Release a version, or report what does not fit; return the exit code."""
    try:
        if new is None:
            found = list(problems(ROOT))
            print("\n".join(found) or f"Version {version(ROOT)}: everything fits.")
            return 1 if found else 0
        release(ROOT, new, datetime.now(UTC).date())
    except ReleaseError as error:
        print(error)
        return 1
    print(f"Released {new} as a commit and the tag v{new}, not pushed yet: CONTRIBUTING.md says what is next.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else None))
