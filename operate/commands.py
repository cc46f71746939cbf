"""The commands, which print tables or JSON of what the service returns."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.service.bulk_retries import FailedOnes, Retried
from gateway.service.callers import Caller
from gateway.service.lists.listing import ListedQuotation
from gateway.service.lists.wanted import Wanted
from gateway.service.quotations import QuotationService
from operate import views
from operate.printing import Printer, bars, moment
from quotation.status import State

_LARGEST_PAGE = 100
_MOST_AT_ONCE = 1000
_PREVIEWED = 20
_YES = ("y", "yes")


class CommandError(Exception):
    """A command cannot be run; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Session:
    """The service, the operator who uses it, and where results go."""

    service: QuotationService
    caller: Caller
    printer: Printer


async def list_quotations(session: Session, arguments: Namespace) -> None:
    """Print the wanted quotations."""
    items: list[ListedQuotation] = []
    cursor: str | None = None
    while True:
        wanted = Wanted(
            status=arguments.status,
            error_code=arguments.error,
            owner=arguments.owner,
            words=arguments.words,
            since=arguments.since,
            until=arguments.until,
            limit=min(arguments.limit - len(items), _LARGEST_PAGE),
            cursor=cursor,
        )
        page = await session.service.list_quotations(session.caller, wanted, arguments.environment)
        items += page.items
        cursor = page.next_cursor
        if cursor is None or len(items) >= arguments.limit:
            break
    printer = session.printer
    if printer.as_json:
        listed = [views.listed_fields(item) for item in items]
        printer.json({"items": listed, "has_more": cursor is not None})
        return
    if not items:
        printer.line("No quotation matches.")
        return
    names = {one.label: one.name for one in session.service.environments}
    rows = [views.listed(item, names.get(item.environment, item.environment)) for item in items]
    printer.table(views.LISTED, rows, folded=("env", "owner"))
    if cursor is not None:
        printer.remark("There may be more: use --limit.")


async def show(session: Session, arguments: Namespace) -> None:
    """Print the status of a quotation."""
    story = await session.service.story(session.caller, arguments.tracking_id)
    status, printer = story.status, session.printer
    if printer.as_json:
        printer.json({**status.model_dump(mode="json"), "owner": story.owner, "run_url": story.run_url})
        return
    printer.fields(views.story_fields(story))
    if status.result.lines:
        printer.line()
        printer.table(
            views.LINES,
            [views.line(line) for line in status.result.lines],
            folded=("name",),
            numbers=views.LINES[2:],
        )
    if story.run_url:
        printer.line()
        printer.line(f"In Temporal: {story.run_url}")


async def retry(session: Session, arguments: Namespace) -> None:
    """Run a quotation again, perhaps with corrections."""
    corrections = dict(arguments.corrections)
    if len(corrections) < len(arguments.corrections):
        raise CommandError("A field may be set only once.")
    accepted = await session.service.retry(session.caller, arguments.tracking_id, corrections)
    printer = session.printer
    if printer.as_json:
        printer.json(accepted.model_dump(mode="json"))
        return
    printer.line(f"{accepted.tracking_id} runs again.")
    for warning in accepted.warnings:
        printer.line(f"{warning.code}: {warning.message}")


async def retry_all(session: Session, arguments: Namespace) -> None:
    """Run all failed quotations again that match, after a confirmation if a person is there."""
    now = datetime.now(UTC)
    # not those that fail while somebody reads the question, nor those that fail again
    arguments.until = min(arguments.until or now, now)
    if arguments.dry_run:
        await _preview(session, arguments)
        return
    if sys.stdin.isatty() and not arguments.yes:
        matching = await _preview(session, arguments)
        if matching and not await _confirmed(f"Retry {_counted(matching)}?"):
            raise CommandError("Nothing was retried.")
        if not matching:
            return
    printer = session.printer
    retried: list[str] = []
    while True:
        left = None if arguments.limit is None else arguments.limit - len(retried)
        some = await _retry_some(session, arguments, left)
        retried += some.tracking_ids
        if not some.tracking_ids or not some.remaining or left == len(some.tracking_ids):
            break
        printer.remark(f"{_counted(len(retried))} retried, {some.remaining} to go.")
    if printer.as_json:
        printer.json({"tracking_ids": retried, "remaining": some.remaining})
    elif not retried:
        printer.line("No failed quotation matches.")
    else:
        printer.line(f"{_counted(len(retried))} {'runs' if len(retried) == 1 else 'run'} again.{_more(some)}")


async def cancel(session: Session, arguments: Namespace) -> None:
    """Request the cancellation of a quotation."""
    requested = await session.service.cancel(session.caller, arguments.tracking_id)
    if session.printer.as_json:
        session.printer.json(requested.model_dump(mode="json"))
    else:
        session.printer.line(f"The cancellation of {requested.tracking_id} is requested; show tells its outcome.")


async def logs(session: Session, arguments: Namespace) -> None:
    """Print the log document of a quotation."""
    document = await session.service.log(session.caller, arguments.tracking_id)
    printer = session.printer
    if document is None:
        raise CommandError("No worker has taken this quotation yet, so it has no log.")
    if printer.as_json:
        printer.json(document.model_dump(mode="json"))
        return
    printer.fields(views.log_fields(document))
    printer.line()
    printer.table(views.STEPS, views.steps(document), numbers=views.STEPS[3:])


async def counts(session: Session, arguments: Namespace) -> None:
    """Print how many quotations there are by status and by error code."""
    counted = await session.service.counts(session.caller, arguments.environment)
    if counted is None:
        raise CommandError("Quotations cannot be counted at the moment: Temporal's visibility does not answer.")
    printer = session.printer
    if printer.as_json:
        printer.json(counted.model_dump(mode="json"))
        return
    by_hour = {state: bars([hour.by_status.get(state, 0) for hour in counted.hours]) for state in State}
    rows = [[state, str(counted.by_status[state]), by_hour[state] if state.is_final else ""] for state in State]
    printer.table(["status", "quotations", "ended, hour by hour"], rows, numbers=["quotations"])
    if counted.by_error:
        printer.line()
        errors = [[code, str(number), counted.messages[code]] for code, number in counted.by_error.items()]
        printer.table(views.COUNTED, errors, folded=views.COUNTED[2:], numbers=views.COUNTED[1:2])
    printer.line()
    printer.line(
        f"Ended ones are of the last {len(counted.hours)} hours, since {moment(counted.hours[0].start)} UTC."
    )


COMMANDS: Mapping[str, Callable[[Session, Namespace], Awaitable[None]]] = {
    "list": list_quotations,
    "show": show,
    "retry": retry,
    "retry-all": retry_all,
    "cancel": cancel,
    "logs": logs,
    "counts": counts,
}


async def _retry_some(
    session: Session, arguments: Namespace, limit: int | None, *, dry_run: bool = False
) -> Retried:
    """Retry as many as one call of the service may, and at most `limit`."""
    wanted = FailedOnes(
        error_code=arguments.error,
        since=arguments.since,
        until=arguments.until,
        limit=min(limit or _MOST_AT_ONCE, _MOST_AT_ONCE),
    )
    return await session.service.retry_all(
        session.caller, wanted, arguments.environment, arguments.owner, arguments.words, dry_run=dry_run
    )


async def _preview(session: Session, arguments: Namespace) -> int:
    """Print which quotations would run again, and return their number."""
    printer = session.printer
    would = await _retry_some(session, arguments, arguments.limit, dry_run=True)
    matching = would.tracking_ids
    number = min(len(matching) + would.remaining, arguments.limit or sys.maxsize)
    if printer.as_json:
        if arguments.dry_run or not matching:
            printer.json(would.model_dump())
        return number
    if not matching:
        printer.line("No failed quotation matches.")
        return 0
    shown = matching[:_PREVIEWED]
    found = await asyncio.gather(*(session.service.story(session.caller, one) for one in shown))
    printer.table(views.FAILED, [views.failed(one) for one in found], folded=("env", "owner"))
    if number > len(shown):
        printer.line(f"… and {number - len(shown)} more")
    printer.line()
    printer.line(f"{_counted(number)} would run again.")
    return number


def _counted(number: int) -> str:
    return f"{number} quotation{'' if number == 1 else 's'}"


def _more(retried: Retried) -> str:
    return f" {retried.remaining} more match." if retried.remaining else ""


async def _confirmed(question: str) -> bool:
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return (await asyncio.to_thread(sys.stdin.readline)).strip().lower() in _YES
