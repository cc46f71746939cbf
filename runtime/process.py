"""How our processes start and end: log lines, signals and a reliable exit code."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

from runtime.logs.lines import configure_logging, tell_operator
from runtime.settings import SettingsError
from runtime.tracing import switch
from runtime.unexpected import origin

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_WRONG_SETTING = 2

STOP_SECONDS = 20.0
"""How long a process may take to stop: what it waits for by itself ends sooner, orchestrators kill it later."""


class Stop(asyncio.Event):
    """Set when the process is to end: by SIGTERM, by SIGINT, or because a setting turned out to be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._error: SettingsError | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def set_if_fails(self, task: asyncio.Task[None]) -> None:
        """Set this event if the task raises `SettingsError`."""
        self._tasks.add(task)
        task.add_done_callback(self._look_at)

    def raise_error(self) -> None:
        """Raise the `SettingsError` for which this event was set, if there is one."""
        if self._error is not None:
            raise self._error

    def _look_at(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SettingsError):
            self._error = error
            self.set()
        elif error is not None:
            logger.error("a setting could not be checked: %s", origin(error))


def run(main: Callable[[Stop], Awaitable[None]], *, stop_seconds: float = STOP_SECONDS) -> NoReturn:
    """Run `main` until it returns, then end the process; threads and tasks that are left are not awaited.

    The exit code is 0 if `main` returned, 2 if a setting was wrong (the sentence goes to stderr) and 1 after any
    other exception, or if `main` still runs `stop_seconds` after its `Stop` was set.
    """
    configure_logging()
    asyncio.run(_supervise(main, stop_seconds))


async def unless_set(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Return the result of `work`, or None if `stop` was set first: the work is then cancelled."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    return None


def end(code: int) -> NoReturn:
    """End the process with this exit code at once, after writing its output."""
    # the SDK's core may crash a Python that shuts down, after all work is done (sdk-python issue 300)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _supervise(main: Callable[[Stop], Awaitable[None]], stop_seconds: float) -> NoReturn:
    stop = Stop()
    # held until the end: asyncio reports a pending task that nobody holds
    work = asyncio.ensure_future(main(stop))
    code = await _exit_code(work, stop, stop_seconds)
    switch.finish()
    # asyncio.run would wait for threads, and one that reads stdin never ends
    end(code)


async def _exit_code(work: asyncio.Future[None], stop: Stop, stop_seconds: float) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report_forgotten)
    for number in (signal.SIGTERM, signal.SIGINT):
        _call_on_signal(loop, number, stop.set)
    try:
        if not await _has_ended(work, stop, stop_seconds):
            logger.critical("did not stop within %g s: ending now", stop_seconds)
            return EXIT_FAILED
        stop.raise_error()
    except SettingsError as error:
        tell_operator(f"{error}.")
        return EXIT_WRONG_SETTING
    except Exception as error:  # noqa: BLE001  # its text may hold a secret or a customer's data
        logger.critical("stopped by an unexpected %s", origin(error))
        return EXIT_FAILED
    return EXIT_OK


async def _has_ended(work: asyncio.Future[Any], stop: Stop, stop_seconds: float) -> bool:
    """Return True when `work` is done, raising its exception, or False if it runs on after `stop`."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await asyncio.wait([work], timeout=stop_seconds)
    if work.done():
        work.result()
    return work.done()


def _call_on_signal(loop: asyncio.AbstractEventLoop, number: signal.Signals, call: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, call)
    except NotImplementedError:
        # the event loops of Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))


def _report_forgotten(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # asyncio's own handler logs the exception's text
    error = context.get("exception")
    logger.error("%s: %s", context["message"], origin(error) if error else "no exception")
