"""Fixtures for several folders of tests: real servers, a browser, and an exit code that can be trusted."""

import gc
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from sandbox import forking, real_odoo
from sandbox.ports import free_port
from sandbox.processes import ROOT
from sandbox.real_odoo import OdooAccess, RealOdooError
from sandbox.servers import temporal_server
from tests.support import chromium
from tests.support.watchdog import Watchdog

REQUIRE_REAL_ODOO = "REQUIRE_REAL_ODOO"
"""Set in CI: a machine that cannot have a real Odoo fails there instead of skipping."""

REQUIRE_CHROMIUM = "REQUIRE_CHROMIUM"
"""The same for a machine that cannot have Chromium."""

_FORKED = (
    "gateway.__main__",
    "gateway.stdio",
    "moto.server",
    "operate.__main__",
    "sandbox.standin_odoo.__main__",
    "tests.clients.worker",
    "worker",
)
"""The modules that `sandbox.processes` forks here; `tests/startup` also starts programs as they are shipped."""

_LONGEST = (
    "tests/chaos/test_exactly_once.py",
    "tests/benchmarks/test_quick.py",
    "tests/version_skew",
    "tests/clients",
    "tests/acceptance",
    "tests/tutorial",
    "tests/queues",
    "tests/monitoring",
    "tests/startup",
)
"""The files and folders whose tests take longest."""

_UNTRACED = ("tests/benchmarks/", "tests/chaos/", "tests/clients/", "tests/tutorial/", "tests/version_skew/")
"""The folders whose tests and processes coverage does not trace: others reach the same lines, and it is slow."""

_TRACING = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage traces the processes that tests start."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first and quick unit tests last: each test process takes whole files in this order.

    Tests in `_UNTRACED` get the mark by which pytest-cov leaves them out.
    """
    for item in items:
        if _is_untraced(item):
            item.add_marker("no_cover")
    tests_in = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, bool, int]:
        name = item.path.relative_to(ROOT).as_posix()
        longest = next((rank for rank, start in enumerate(_LONGEST) if name.startswith(start)), len(_LONGEST))
        is_quick = name.startswith("tests/unit/") and item.get_closest_marker("slow") is None
        return longest, is_quick, -tests_in[item.path]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Spare the garbage collector all modules and tests: that is a twentieth of the processor's time."""
    gc.collect()
    gc.freeze()


def _is_untraced(item: pytest.Item) -> bool:
    return item.path.relative_to(ROOT).as_posix().startswith(_UNTRACED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Trace the processes of a test only outside `_UNTRACED`: a traced one takes half as much time again."""
    tracing = os.environ.pop(_TRACING, None) if _is_untraced(item) else None
    try:
        return (yield)
    finally:
        if tracing is not None:
            os.environ[_TRACING] = tracing


@pytest.fixture(scope="session")
def real_database() -> Iterator[OdooAccess]:
    """A real Odoo with a database of this test run's own; `ODOO_TEST_URL` and friends name another one."""
    given = OdooAccess.from_environment()
    if given is not None:
        yield given
        return
    try:
        access = real_odoo.fresh_database()
    except RealOdooError as error:
        if os.environ.get(REQUIRE_REAL_ODOO):
            raise
        pytest.skip(f"no real Odoo: {error}")
    yield access
    try:
        real_odoo.drop_database(access.db)
    except RealOdooError as error:
        # a later run drops what is left
        sys.stderr.write(f"{error}\n")


@pytest.fixture(scope="session")
def odoo(real_database: OdooAccess) -> OdooAccess:
    """The Odoo of a test that names none."""
    return real_database


@pytest.fixture(scope="session")
def temporal_metrics_port() -> int:
    """The port at which Temporal's dev server counts the requests that it gets."""
    return free_port()


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory, temporal_metrics_port: int) -> Iterator[str]:
    """Temporal's dev server."""
    with temporal_server(tmp_path_factory.mktemp("temporal"), metrics_port=temporal_metrics_port) as server:
        yield server.address


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    """A client of the dev server."""
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    try:
        executable = chromium.installed(tmp_path_factory.mktemp("chromium") / "install.log")
    except RealOdooError as error:
        if os.environ.get(REQUIRE_CHROMIUM):
            raise
        pytest.skip(f"no Chromium: {error}")
    async with chromium.browser(executable) as running:
        yield running


_ODOO_WAS_RUNNING = pytest.StashKey[bool]()
_EXIT_CODE = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Bound what a test may take, fork the servers of tests, and remember whether the real Odoo runs already."""
    forking.preload(_FORKED)
    config.pluginmanager.register(Watchdog(config, test_seconds=1200, teardown_seconds=180))
    config.stash[_ODOO_WAS_RUNNING] = real_odoo.is_started()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Stop the real Odoo if the tests started it, and remember the exit code for `pytest_unconfigure`."""
    session.config.stash[_EXIT_CODE] = int(exitstatus)
    # the other test processes may still use it
    is_main = os.environ.get("PYTEST_XDIST_WORKER") is None
    if is_main and not session.config.stash[_ODOO_WAS_RUNNING] and real_odoo.is_started():
        real_odoo.stop()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End with pytest's own code, whatever the SDK's core does meanwhile (sdk-python issue 300)."""
    # tests that failed may have left some, and Python ends none after os._exit
    for fork in multiprocessing.active_children():
        fork.kill()
    code = config.stash.get(_EXIT_CODE, None)
    if code is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
