"""The commands and their options (docs/reference.md, Command line)."""

import argparse
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from quotation.errors import ErrorCode
from quotation.status import State

LATEST = 20
"""How many quotations `list` shows if no limit is given."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_LONGEST = 300


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command and its options; a wrong one ends the process with exit code 2."""
    return create_parser().parse_args(arguments)


def create_parser() -> ArgumentParser:
    """Create the parser of all commands."""
    parser = ArgumentParser("python -m operate", description="Look at quotations, and act on them.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _list(_command(commands, "list", "list quotations: unfinished ones first, then the last to end"))
    show = _command(commands, "show", "show one quotation: its status, records, lines and what went wrong")
    retry = _command(commands, "retry", "run a failed or cancelled quotation again", acts=True)
    _retry_all(_command(commands, "retry-all", "run all failed quotations again that match", acts=True))
    cancel = _command(commands, "cancel", "request the cancellation of an unfinished quotation", acts=True)
    logs = _command(commands, "logs", "show the log document of a quotation's last run, from Temporal")
    counts = _command(commands, "counts", "count quotations by status and error, of the last 24 hours")
    for command in (show, retry, cancel, logs):
        command.add_argument("tracking_id", metavar="ID", help="the tracking id, quot_ and 12 hex digits")
    retry.add_argument(
        "--set",
        action="append",
        default=[],
        type=_correction,
        metavar="FIELD=VALUE",
        dest="corrections",
        help="replace a field of the request, e.g. product_id=7; may be repeated, lines are JSON",
    )
    counts.add_argument("--environment", metavar="NAME", help="only those of this environment, e.g. prod")
    return parser


def _command(
    commands: "argparse._SubParsersAction[ArgumentParser]", name: str, summary: str, *, acts: bool = False
) -> ArgumentParser:
    command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    command.add_argument("--json", action="store_true", help="print JSON, for programs")
    if acts:
        command.add_argument(
            "--as",
            dest="operator",
            type=_name,
            metavar="NAME",
            help="the operator's name in the audit line; by default the name of the user of this machine",
        )
    return command


def _list(command: ArgumentParser) -> None:
    command.add_argument("--status", type=State, choices=list(State), metavar="STATUS", help=_one_of(State))
    _add_filters(command)
    command.add_argument(
        "--limit", type=_number, default=LATEST, metavar="N", help="how many at most (default: %(default)s)"
    )


def _retry_all(command: ArgumentParser) -> None:
    _add_filters(command)
    command.add_argument("--limit", type=_number, metavar="N", help="how many at most (default: all)")
    command.add_argument("--dry-run", action="store_true", help="only show the quotations that match")
    command.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _add_filters(command: ArgumentParser) -> None:
    command.add_argument("--environment", metavar="NAME", help="only those of this environment, e.g. prod")
    command.add_argument(
        "--error", type=ErrorCode, choices=list(ErrorCode), metavar="CODE", help=_one_of(ErrorCode)
    )
    command.add_argument("--owner", type=_text, metavar="NAME", help="only those that this caller started")
    times = "ended (or, if unfinished, started)" if command.prog.endswith(" list") else "failed"
    command.add_argument(
        "--since", type=_time, metavar="TIME", help=f"{times} at or after: 30m, 2h, 7d, or ISO 8601 (UTC)"
    )
    command.add_argument("--until", type=_time, metavar="TIME", help=f"{times} at or before")
    command.add_argument(
        "--words", type=_text, metavar="WORDS", help="only those whose id, order, error or owner begins so"
    )


def _one_of(values: type[State | ErrorCode]) -> str:
    return f"only with this one of: {', '.join(values)}"


def _time(text: str) -> datetime:
    """Return the time that a duration ago was, or an ISO time, which is UTC if it has no zone."""
    try:
        if match := _DURATION.fullmatch(text):
            return datetime.now(UTC) - timedelta(seconds=int(match[1]) * _UNITS[match[2]])
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ArgumentTypeError("must be a duration such as 30m, 2h or 7d, or an ISO time") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _text(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST:
        raise ArgumentTypeError(f"must have 1 to {_LONGEST} characters")
    return text


def _name(text: str) -> str:
    if not text.isprintable():
        raise ArgumentTypeError("must be a name without control characters")
    return _text(text).strip()


def _correction(text: str) -> tuple[str, str]:
    field, is_set, value = text.partition("=")
    if not is_set or not field.strip():
        raise ArgumentTypeError("must be FIELD=VALUE, such as product_id=7")
    return field.strip(), value
