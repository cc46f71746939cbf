"""A run's outcome as one table."""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tests.chaos.count import Standing
from tests.chaos.run import Outcome

_MOST_PROBLEMS = 20
_GOOD, _BAD = Text("✓", style="green"), Text("✗", style="bold red")


def report(outcome: Outcome) -> RenderableType:
    """Return the table, followed by the problems."""
    table = Table(box=box.ROUNDED, title=_title(outcome), title_style="bold", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(width=1)
    for section in (_quotations(outcome), _odoo(outcome), _logs(outcome), _harm(outcome)):
        for heading, what, value, verdict in section:
            table.add_row(heading, what, value, verdict)
        table.add_section()
    return Group(table, *_verdict(outcome))


Line = tuple[str, str, str, Text]


def _title(outcome: Outcome) -> str:
    minutes, seconds = divmod(round(outcome.seconds), 60)
    plan = outcome.plan
    return f"Exactly once, whatever fails · {plan.protocol} · seed {plan.seed} · {minutes} min {seconds} s"


def _quotations(outcome: Outcome) -> Iterable[Line]:
    count = outcome.count
    completed = sum(standing.is_completed for standing in count.accepted)
    lost = len(count.accepted) - completed
    unknown = [standing for standing in count.standings if not standing.start.tracking_id]
    made = sum(standing.status is not None for standing in unknown)
    yield "Quotations", "accepted", str(len(count.accepted)), Text()
    yield "", "completed", str(completed), _mark(not lost)
    yield "", "lost", str(lost), _mark(not lost)
    yield "", "starts whose answer was lost", str(len(unknown)), Text()
    yield "", "of these started all the same, and completed", _of(unknown, made), _mark(_all_completed(unknown))


def _odoo(outcome: Outcome) -> Iterable[Line]:
    count = outcome.count
    made = count.made
    for what, sizes in (
        ("leads a quotation", [len(one.leads) for one in made]),
        ("orders a quotation", [len(one.orders) for one in made]),
    ):
        yield ("Odoo" if what.startswith("leads") else ""), what, _range(sizes), _mark(set(sizes) <= {1})
    asked, found = sum(len(one.start.lines) for one in made), sum(len(one.lines) for one in made)
    deviating = [one for one in made if len(one.lines) != len(one.start.lines)]
    sizes = [len(one.lines) for one in made]
    yield "", "order lines a quotation", _range(sizes), Text()
    yield "", "order lines, of those asked for", f"{found} of {asked}", _mark(not deviating)
    converted = sum(one.is_converted for one in made)
    yield "", "converted, with their date", f"{converted} of {len(made)}", _mark(converted == len(made))
    partners = [len(rows) for rows in {one.start.email: one.partners for one in made}.values()]
    yield "", f"partners an address, of {len(partners)} addresses", _range(partners), _mark(set(partners) <= {1})
    contacts = [count.contacts[email] for email in {one.start.email for one in made}]
    yield "", "contacts a partner", _range(contacts), _mark(max(contacts, default=0) <= 1)
    yield "", "records that nobody asked for", str(len(count.strangers)), _mark(not count.strangers)


def _logs(outcome: Outcome) -> Iterable[Line]:
    made = outcome.count.made
    logged = sum(one.is_logged for one in made)
    yield "S3", "final logs that say what the gateway says", f"{logged} of {len(made)}", _mark(logged == len(made))


def _harm(outcome: Outcome) -> Iterable[Line]:
    heading = "Struck"
    for name, times in outcome.kills.items():
        yield heading, name, str(times), Text()
        heading = ""
    heading = "Faulted"
    for fault, times in sorted(outcome.faults.items()):
        yield heading, f"calls {fault}", str(times), Text()
        heading = ""
    yield heading, "of all calls to Odoo and S3", f"{outcome.faults.total()} of {outcome.calls}", Text()
    heading = "Callers met"
    for what, times in sorted(outcome.met.items()):
        yield heading, what, str(times), Text()
        heading = ""


def _verdict(outcome: Outcome) -> Iterable[RenderableType]:
    if not outcome.problems:
        yield Text("Nothing lost, nothing twice, nothing missing.", style="bold green")
        return
    number = len(outcome.problems)
    yield Text("One problem:" if number == 1 else f"{number} problems:", style="bold red")
    for problem in outcome.problems[:_MOST_PROBLEMS]:
        yield Text(f"  {problem}")
    if number > _MOST_PROBLEMS:
        yield Text(f"  and {number - _MOST_PROBLEMS} more")


def _mark(is_good: bool) -> Text:  # noqa: FBT001  # one word for one sign
    return _GOOD if is_good else _BAD


def _range(sizes: list[int]) -> str:
    return f"{min(sizes)}..{max(sizes)}" if sizes else "none"


def _of(unknown: list[Standing], made: int) -> str:
    return f"{made} of {len(unknown)}"


def _all_completed(unknown: list[Standing]) -> bool:
    return all(standing.is_completed for standing in unknown if standing.status)
