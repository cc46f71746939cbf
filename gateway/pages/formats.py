"""How pages write amounts and days."""

from datetime import UTC, date, datetime
from decimal import Decimal

_CENTS, _FINEST = Decimal("0.01"), Decimal("0.0001")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_MONTHS = {
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def amount(value: float) -> str:
    """Return an amount with two decimals, or up to four if a unit price has them: `15,950.00`."""
    exact = Decimal(str(value)).quantize(_FINEST)
    cents = exact.quantize(_CENTS)
    return f"{cents if cents == exact else exact.normalize():,f}"


def quantity(value: float) -> str:
    """Return a number without needless decimals: `1`, `2.5`."""
    return f"{Decimal(str(value)).normalize():,f}"


def moment(value: datetime) -> str:
    """Return a time in UTC, which scripts replace by the reader's own."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def clock(value: datetime) -> str:
    """Return the time of a day in UTC, which scripts replace by a countdown."""
    return f"{value.astimezone(UTC):%H:%M:%S} UTC"


def age(value: datetime, now: datetime) -> str:
    """Return how long ago a time is, in its largest unit: `12 s`, `3 min`, `5 h`, `2 d`."""
    seconds = max(0, int((now - value).total_seconds()))
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1)
    return f"{seconds // size} {unit}"


def day(value: date, language: str) -> str:
    """Return a day in words."""
    month = _MONTHS[language][value.month - 1]
    return f"{value.day} de {month} de {value.year}" if language == "es" else f"{month} {value.day}, {value.year}"
