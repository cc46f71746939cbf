"""The plot: two groups of bars, how long a quotation takes and how many are made a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from benchmarks.measurements import names
from benchmarks.samples import Samples

_WIDTH = 760
_LABEL_WIDTH = 230
_BAR_WIDTH = _WIDTH - _LABEL_WIDTH - 90
_ROW = 26
_TITLE = 38
_GREY, _BLUE = "#9aa5b1", "#2563eb"
_STYLE = "text{font:13px system-ui,sans-serif;fill:#1f2933}.t{font-weight:600}rect.b{fill:#fff}"


@dataclass(frozen=True)
class _Panel:
    title: str
    measurement: str
    unit: str
    sides: Sequence[str]
    """The product's are blue."""


_OURS = {names.REST_POLL_10, names.REST_WAIT, names.MCP_WAIT, names.REST_POLL_500}
_PANELS = (
    _Panel(
        "From request to order, one quotation at a time (shorter is better)",
        names.ALONE,
        "ms",
        (names.PROTOTYPE, names.BARE_ODOO, names.REST_POLL_10, names.REST_WAIT, names.MCP_WAIT),
    ),
    _Panel(
        "The same with 2 s more on every call to Odoo (shorter is better)",
        names.DELAYED,
        "ms",
        (names.PROTOTYPE, names.REST_POLL_10, names.REST_WAIT),
    ),
    _Panel(
        "Quotations a second, 8 at once (longer is better)",
        names.RATE,
        "a second",
        (names.PROTOTYPES_BEST, names.BARE_ODOO, names.REST_WAIT, names.REST_POLL_500, names.MCP_WAIT),
    ),
)


def plot(samples: Samples) -> str:
    """Return an SVG image with the medians."""
    parts: list[str] = []
    y = 0
    for panel in _PANELS:
        sides = samples.values.get(panel.measurement, {})
        bars = [(side, median(sides[side])) for side in panel.sides if side in sides]
        if bars:
            parts += _panel(panel, bars, y)
            y += _TITLE + len(bars) * _ROW + 14
    size = f'width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Results of make bench">'
    background = f'<rect class="b" width="{_WIDTH}" height="{y}"/>'
    return "\n".join([head, f"<style>{_STYLE}</style>", background, *parts, "</svg>", ""])


def _panel(panel: _Panel, bars: Sequence[tuple[str, float]], y: int) -> list[str]:
    longest = max(value for _, value in bars)
    parts = [f'<text class="t" x="12" y="{y + 24}">{escape(panel.title)}</text>']
    for row, (side, value) in enumerate(bars):
        top = y + _TITLE + row * _ROW
        width = max(_BAR_WIDTH * value / longest, 1)
        color = _BLUE if side in _OURS else _GREY
        text = f"{value:.0f} {panel.unit}" if panel.unit == "ms" else f"{value:.2f}"
        parts += [
            f'<text x="{_LABEL_WIDTH - 8}" y="{top + 15}" text-anchor="end">{escape(side)}</text>',
            f'<rect x="{_LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="20" rx="2" fill="{color}"/>',
            f'<text x="{_LABEL_WIDTH + width + 6:.1f}" y="{top + 15}">{text}</text>',
        ]
    return parts
