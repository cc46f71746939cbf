"""The site that `make site` builds: no broken link, the same content as on a code host, nothing from elsewhere."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt

from sandbox.processes import BIN, ROOT

pytestmark = pytest.mark.slow

_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "pre", "img", "blockquote"}
_INLINE = {"a", "code", "em", "span", "strong"}


class Content(HTMLParser):
    """The blocks and the words of a page, of its article if it has one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._text = ""
        self._unread: str | None = None
        match = re.search(r"(?s)<article.*?</article>", html)
        self.feed(match[0] if match else html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        # the site adds a link to each heading, and shows the title of a block
        if "headerlink" in (attributes.get("class") or "") or attributes.get("class") == "filename":
            self._unread = tag
        elif tag in _BLOCKS:
            self._text += f" <{tag}> "
        elif tag not in _INLINE:
            self._text += " "

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = None

    def handle_data(self, data: str) -> None:
        if self._unread is None:
            self._text += data

    @property
    def found(self) -> list[str]:
        return self._text.split()


def build(source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make site` runs, with the configuration in `source`."""
    command: list[str | Path] = [
        BIN / "mkdocs",
        "build",
        "--strict",
        "--config-file",
        source / "mkdocs.yml",
        "--site-dir",
        folder,
    ]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return folder


def pages() -> Iterator[str]:
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/results/*.md")]):
        yield page.relative_to(ROOT).as_posix()


def test_each_page_has_the_same_content_as_on_a_code_host(site: Path) -> None:
    for page in pages():
        built = Content((site / page.replace("README", "index").replace(".md", ".html")).read_text())
        hosted = Content(MarkdownIt("gfm-like", {"linkify": False}).render((ROOT / page).read_text()))
        assert built.found == hosted.found, page


def test_nothing_comes_from_another_server(site: Path) -> None:
    for html in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"?([^\"\s>]+)", html.read_text())
        assert loaded
        assert [address for address in loaded if urlsplit(address).scheme or address.startswith("//")] == []
    for style in site.rglob("*.css"):
        assert re.findall(r"@import|url\(\"?(?:https?:)?//", style.read_text()) == []


def test_broken_links_and_forgotten_pages_break_the_build(tmp_path: Path) -> None:
    settings, _, rest = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")
    validation = rest.partition("\nvalidation:")[2]
    (tmp_path / "mkdocs.yml").write_text(f"{settings}\nnav: [README.md]\nvalidation:{validation}")
    shutil.copytree(ROOT / "docs" / "site", tmp_path / "docs" / "site")
    (tmp_path / "README.md").write_text(
        "# Home\n\n[1](docs/page.md#lost) [2](docs/lost.md) [3](#lost) ![4](lost.svg)\n"
    )
    (tmp_path / "docs" / "page.md").write_text("# Page\n")

    built = build(tmp_path, tmp_path / "built")

    assert built.returncode == 1
    # the page that is not in the navigation, and four links
    for warning in ("  - docs/page.md", "'docs/page.md#lost'", "'docs/lost.md'", "'#lost'", "'lost.svg'"):
        assert warning in built.stderr
