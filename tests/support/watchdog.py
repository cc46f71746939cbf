"""Ends a test run that hangs where pytest-timeout does not look: in fixtures, or after the last test."""

import faulthandler
import gc
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import AsyncGeneratorType, CoroutineType

import pytest

EXIT_HUNG = 70


class Watchdog:
    """A pytest plugin: it shows what hangs and ends the process, and pytest-xdist fails the test and goes on.

    Nothing less ends it: a task that ignores its cancellation holds the event loop of all later tests.
    """

    def __init__(self, config: pytest.Config, *, test_seconds: float, teardown_seconds: float) -> None:
        self._config = config
        self._test_seconds = test_seconds
        """For a test with all its fixtures, some of which install programs."""
        self._teardown_seconds = teardown_seconds
        """For the end of a test's fixtures; the last test ends those of the session too."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Bound the whole test."""
        with self._bounded(f"{item.nodeid} and its fixtures", self._test_seconds):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Bound the end of the fixtures."""
        with self._bounded(f"The teardown after {item.nodeid}", self._teardown_seconds):
            return (yield)

    @contextmanager
    def _bounded(self, what: str, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._end, [f"{what} took longer than {seconds:g} s"])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self, sentence: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        capture.suspend_global_capture(in_=True)
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            # pytest will not get as far as showing them
            reporter.summary_errors()
            reporter.summary_failures()
        sys.stdout.flush()
        faulthandler.dump_traceback(sys.__stderr__ or 2, all_threads=True)
        # what waits in the event loop has no thread
        for thing in gc.get_objects():
            if type(thing) is CoroutineType and thing.cr_frame:
                traceback.print_stack(thing.cr_frame, limit=1)
            elif type(thing) is AsyncGeneratorType and thing.ag_frame:
                traceback.print_stack(thing.ag_frame, limit=1)
        os.write(2, f"\n{sentence}: the test process ends\n".encode())
        os._exit(EXIT_HUNG)
