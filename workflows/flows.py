"""The way through the steps that a run takes: it stays that of the version whose worker began it."""

from temporalio import workflow

_ONE_OPENING = "one opening"


def began_before() -> bool:
    """Return True if a worker of an older version began the run.

    Such a run checks its request in two activities and publishes each step, so its history replays only so.
    """
    return not workflow.patched(_ONE_OPENING)
