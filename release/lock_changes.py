"""The changes that a renewal of the locks makes: versions and licences, before and after.

`python -m release.lock_changes` prints what is locked. With the name of a file that has an earlier such output, it
prints what has changed since, and the exit code is 1 if a runtime dependency may not have its licence.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from release import ROOT
from release.licences import licences_of, refusal
from release.locks import Package, read

RUNTIME = "requirements.lock"

Locked = dict[str, dict[str, tuple[str, str]]]
"""Version and licence by package, by lock file."""


def locked() -> Locked:
    """Return what each lock file of the checkout pins."""
    files = [*ROOT.glob("*.lock"), *ROOT.glob("tests/clients/*.lock")]
    return {
        str(file.relative_to(ROOT)): {package.name: _facts(package) for package in read(file)}
        for file in sorted(files)
    }


def changes(old: Locked, new: Locked) -> Iterator[str]:
    """Return a line for each package that a lock file has, had or has in another version."""
    for file, after in new.items():
        before: Mapping[str, tuple[str, str]] = old.get(file, {})
        for name in sorted(before.keys() | after.keys()):
            was, now = before.get(name, ("", "")), after.get(name, ("", ""))
            if was[0] != now[0]:
                yield f"{file}  {name}  {_change(was[0], now[0])}  {_change(was[1], now[1])}".rstrip()


def refusals() -> list[str]:
    """Return a sentence for each dependency in the image that may not have its licence."""
    packages = [package for package in read(ROOT / RUNTIME) if package.is_in_image]
    return [sentence for sentence in map(refusal, packages) if sentence]


def _facts(package: Package) -> tuple[str, str]:
    # in their own environments, other people's clients are not installed here
    return package.version, ", ".join(licences_of(package))


def _change(was: str, now: str) -> str:
    return now if was == now else f"{was or '-'} → {now or '-'}"


def main(earlier: str | None) -> int:
    """Print what is locked, or what has changed since `earlier`; return the exit code."""
    if earlier is None:
        json.dump(locked(), sys.stdout)
        return 0
    for line in changes(json.loads(Path(earlier).read_text()), locked()):
        print(line)
    refused = refusals()
    for sentence in refused:
        print(sentence)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else None))
