"""The packages that a lock file pins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement

# the image's platform, wherever this runs: only what follows from it, not the machine's own values
_IMAGE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.15",
    "python_version": "3.11",
    "sys_platform": "linux",
}


@dataclass(frozen=True)
class Package:
    """A pinned package."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]
    """The SHA-256 of each file of this version."""
    wanted_by: tuple[str, ...]
    """The names of the packages that require it."""

    @property
    def is_in_image(self) -> bool:
        """True if the marker holds in the image, so that it is installed there."""
        return self.marker is None or self.marker.evaluate(_IMAGE)


def read(lock: Path) -> list[Package]:
    """Return the packages of a lock file as `uv pip compile --generate-hashes` writes it, in its order."""
    return list(_packages(lock.read_text().splitlines()))


def _packages(lines: list[str]) -> Iterator[Package]:
    starts = [number for number, line in enumerate(lines) if re.match(r"\w", line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        requirement = Requirement(lines[start].removesuffix("\\").strip())
        block = "\n".join(lines[start + 1 : end])
        yield Package(
            name=requirement.name,
            version=str(requirement.specifier).removeprefix("=="),
            marker=requirement.marker,
            hashes=tuple(re.findall(r"--hash=sha256:(\w+)", block)),
            wanted_by=tuple(re.findall(r"# (?:via |  )([\w.-]+)", block)),
        )
