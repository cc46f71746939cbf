"""`python -m release.extension`: builds the Desktop Extension, a zip archive of `deploy/mcpb/`, into `dist/`.

The same files make the same bytes on each machine: they are sorted, have no times, and are not compressed, since
compressors differ.
"""

import sys
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from release import NAME, ROOT
from release.versions import version

SOURCE = ROOT / "deploy" / "mcpb"


def build(folder: Path) -> Path:
    """Write the extension into `folder`, and return its path."""
    file = folder / f"{NAME}-{version(ROOT)}.mcpb"
    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for path in sorted(path for path in SOURCE.rglob("*") if path.is_file()):
            entry = ZipInfo(path.relative_to(SOURCE).as_posix())
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())
    return file


if __name__ == "__main__":
    sys.stdout.write(f"{build(ROOT / 'dist').relative_to(ROOT)}\n")
