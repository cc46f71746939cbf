"""This process's metrics, in the text format of Prometheus. No label holds a caller, a customer or an id."""

import platform

import temporalio.service
from prometheus_client import CONTENT_TYPE_LATEST, Info, disable_created_metrics, generate_latest

from runtime import VERSION

CONTENT_TYPE = CONTENT_TYPE_LATEST

# they would double the number of series
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has not typed it


def tell_build(process: str) -> None:
    """Add the metric `{process}_build_info`, whose labels are versions. Call it once in a process."""
    Info(f"{process}_build", "The versions that this process runs.").info(
        {
            "version": VERSION,
            "python": platform.python_version(),
            "temporalio": temporalio.service.__version__,
        }
    )


def exposition() -> bytes:
    """Return all metrics of this process."""
    return generate_latest()
