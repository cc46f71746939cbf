"""Which runs are the last of their quotation: a retried one has several."""

from collections.abc import Sequence

from temporalio.client import Client, WorkflowExecution

from quotation import messages

_MOST_IDS = 100
_MOST_RUNS = 1000


async def latest_of(client: Client, runs: Sequence[WorkflowExecution]) -> list[WorkflowExecution]:
    """Return those of these runs that are the last one of their quotation, in the same order."""
    # an open run is always the last
    closed = sorted({run.id for run in runs if run.close_time is not None})
    last: dict[str, WorkflowExecution] = {}
    for start in range(0, len(closed), _MOST_IDS):
        ids = ", ".join(f"'{tracking_id}'" for tracking_id in closed[start : start + _MOST_IDS])
        query = f"WorkflowType = '{messages.WORKFLOW}' AND WorkflowId IN ({ids})"
        every = [run async for run in client.list_workflows(query, page_size=_MOST_RUNS, limit=_MOST_RUNS)]
        for run in sorted(every, key=lambda run: run.start_time):
            last[run.id] = run
    return [run for run in runs if run.id not in last or last[run.id].run_id == run.run_id]
