"""The files of the site (`make site`): the repository's pages and pictures, each at its place in the repository.

So a link of a page leads to the same file on the site as on a code host.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PAGES = ("*.md", "docs/*.md", "benchmarks/results/*.md")
PICTURES = ("docs/images/*", "docs/site/*.css", "benchmarks/results/*.svg")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Return the theme's files and those of the repository, in place of the files of `docs_dir`."""
    root = Path(config.config_file_path).parent
    own = [path.relative_to(root) for pattern in PAGES + PICTURES for path in sorted(root.glob(pattern))]
    return Files(
        [file for file in files if file.src_dir != config.docs_dir]
        + [File(path.as_posix(), str(root), config.site_dir, config.use_directory_urls) for path in own]
    )


def on_page_content(html: str, **_: object) -> str:
    """Return a page on which a bound such as ≥ 0.6 does not break over two lines."""
    return re.sub(r"([≤≥]) (?=\d)", "\\1\N{NO-BREAK SPACE}", html)
