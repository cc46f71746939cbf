"""What Odoo makes of the HTML written into a notes field: cleaned, and text alone wrapped in a `span`."""

from html import escape
from html.parser import HTMLParser

_VOID = {"br", "img", "hr"}
_DROPPED_WITH_CONTENT = {"script", "style"}


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.has_bare_text = False
        self._dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping += 1
        if self._dropping:
            return
        kept = [(name, value or "") for name, value in attrs if not name.startswith("on")]
        written = "".join(
            f' {name}="{"" if value.startswith("javascript:") else escape(value)}"' for name, value in kept
        )
        self.parts.append(f"<{tag}{written}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping -= 1
        elif tag in self.open and not self._dropping:
            while self.open:
                last = self.open.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if self._dropping:
            return
        if not self.open and data.strip():
            self.has_bare_text = True
        self.parts.append(escape(data, quote=False).replace("\xa0", "&nbsp;"))


def sanitize(text: str) -> str:
    """`text` as an HTML field gives it back."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    cleaned = "".join(cleaner.parts + [f"</{tag}>" for tag in reversed(cleaner.open)])
    return f"<span>{cleaned.lstrip()}</span>" if cleaner.has_bare_text else cleaned
