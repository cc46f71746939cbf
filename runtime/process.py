"""How a process of ours begins and ends: log lines, signals and an exit code that can be trusted."""

import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from runtime.settings import SettingsError

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_WRONG_SETTING = 2


def run(main: Callable[[asyncio.Event], Awaitable[None]]) -> NoReturn:
    """Run `main` until it returns, then end the process.

    `main` gets an event that SIGTERM and SIGINT set. The exit code is 0 where it returned, 2 where it raised
    `SettingsError` (its sentence goes to stderr) and 1 after any other exception.
    """
    configure_logging()
    end(asyncio.run(_supervise(main)))


def end(code: int) -> NoReturn:
    """End the process with this exit code, whatever the interpreter would do at its end."""
    # the SDK's core may crash an interpreter that shuts down, after all work is done (sdk-python issue 300)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def configure_logging() -> None:
    """Send log lines to stderr; what libraries say about single requests and failures is left out."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger().handlers[0].addFilter(_without_exception_text)
    # what these say of single requests and attempts may hold customers' data
    for name in ("httpx2", "httpcore2", "mcp", "temporalio.activity", "botocore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


async def _supervise(main: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report_forgotten)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await main(stop)
    except SettingsError as error:
        print(f"{error}.", file=sys.stderr)  # noqa: T201  # the one sentence that whoever starts us reads
        return EXIT_WRONG_SETTING
    except Exception as error:  # noqa: BLE001  # its text may hold what must not be logged
        logging.getLogger(__name__).critical("stopped by an unexpected %s", _origin(error))
        return EXIT_FAILED
    return EXIT_OK


def _without_exception_text(record: logging.LogRecord) -> bool:
    """Let a record pass with its exception's name and origin in place of its text and traceback."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg = f"{record.getMessage()} ({_origin(record.exc_info[1])})"
        record.args = ()
        record.exc_info = record.exc_text = None
    return True


def _report_forgotten(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # asyncio's own handler writes down the exception's text
    error = context.get("exception")
    logging.getLogger(__name__).error("%s: %s", context["message"], _origin(error) if error else "no exception")


def _origin(error: BaseException) -> str:
    """Name an exception and where it was raised, without its text."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_origin(one) for one in error.exceptions)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return f"{type(error).__name__} at {' < '.join(f'{frame.filename}:{frame.lineno}' for frame in frames[::-1])}"
