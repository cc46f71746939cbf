"""The stand-in's own features: latency, its switch, a file for its records, and its limits."""

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xmlrpc.client import dumps

import httpx2
import pytest

from sandbox.catalogue import SALESPERSON
from sandbox.ports import free_port
from sandbox.processes import Process, start_process, wait_until_healthy
from sandbox.real_odoo import OdooAccess
from sandbox.standin_odoo.server import latency
from tests.odoo.client import CONFLICT, Session, at_once, fault

PROGRAM = [sys.executable, "-m", "sandbox.standin_odoo"]

Start = Callable[..., tuple[Session, Process]]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts stand-ins of this module's own, with a salesperson logged in."""
    logs = tmp_path_factory.mktemp("standins")
    with ExitStack() as cleanup:

        def start_standin(*options: str, port: int | None = None) -> tuple[Session, Process]:
            port = port or free_port()
            process = start_process([*PROGRAM, "--port", str(port), *options], logs / f"{port}.log", {})
            cleanup.callback(process.kill)
            wait_until_healthy(process, f"http://127.0.0.1:{port}/web/version")
            access = OdooAccess(f"http://127.0.0.1:{port}", "quotations")
            return Session(access, SALESPERSON.login, SALESPERSON.password), process

        yield start_standin


@pytest.fixture(scope="module")
def shared(start: Start) -> Session:
    """A stand-in whose latency several tests change."""
    session, _ = start()
    return session


@pytest.fixture
def session(shared: Session) -> Iterator[Session]:
    """The shared stand-in, without latency at first."""
    yield shared
    set_latency(shared, "0")


def set_latency(session: Session, spec: str) -> httpx2.Response:
    return httpx2.post(f"{session.access.url}/standin/latency", json={"latency": spec})


def seconds_of(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def test_every_call_takes_the_latency(start: Start) -> None:
    session, _ = start("--latency", "0.2")
    assert seconds_of(lambda: session.call("res.partner", "search_count", [])) >= 0.2
    assert seconds_of(lambda: session.common("version")) >= 0.2


def test_calls_wait_side_by_side(session: Session) -> None:
    set_latency(session, "0.3")
    assert seconds_of(lambda: at_once(10, lambda _: session.call("res.partner", "search_count", []))) < 2


def test_latency_changes_while_it_runs(session: Session) -> None:
    assert set_latency(session, "0.2").is_success
    assert seconds_of(lambda: session.call("res.partner", "search_count", [])) >= 0.2
    wrong = set_latency(session, "soon")
    assert wrong.status_code == 422
    assert seconds_of(lambda: session.call("res.partner", "search_count", [])) >= 0.2


@pytest.mark.parametrize("spec", ["soon", "-1", "1-x", "1,", "nan", ""])
def test_a_wrong_latency_is_refused_at_the_start(spec: str) -> None:
    command = [*PROGRAM, "--port", "1", f"--latency={spec}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"argument --latency: invalid latency value: '{spec}'" in ended.stderr


def test_a_range() -> None:
    between = latency("2-4")
    drawn = [between("res.partner", "search") for _ in range(100)]
    assert all(2 <= seconds <= 4 for seconds in drawn)
    assert max(drawn) - min(drawn) > 1


@pytest.mark.parametrize(
    ("model", "method", "seconds"),
    [
        ("common", "authenticate", 2.0),
        ("common", "version", 0.0),
        ("res.partner", "search_read", 0.0),
        ("res.partner", "load", 3.0),
        ("crm.lead", "load", 3.0),
        ("crm.lead2opportunity.partner", "create", 0.0),
        ("crm.lead2opportunity.partner", "action_apply", 2.0),
        ("sale.order", "load", 4.0),
        ("sale.order.line", "load", 3.0),
        ("sale.order", "read", 0.0),
    ],
)
def test_the_first_version_s_times_lie_on_the_calls_that_write(model: str, method: str, seconds: float) -> None:
    assert latency("original")(model, method) == seconds


def test_a_client_that_is_gone_has_lost_the_reply_not_the_effect(session: Session, word: str) -> None:
    set_latency(session, "0.3")
    row = [[f"tests.p_{word}", word]]
    params = (session.access.db, session.uid, session.password, "res.partner", "load", [["id", "name"], row])
    connection = http.client.HTTPConnection(session.access.url.removeprefix("http://"))
    connection.request("POST", "/xmlrpc/2/object", dumps(params, "execute_kw"), {"Content-Type": "text/xml"})
    time.sleep(0.1)
    connection.close()
    time.sleep(0.5)
    set_latency(session, "0")
    assert session.call("res.partner", "search_count", [["name", "=", word]]) == 1


def test_of_loads_in_flight_together_one_succeeds(session: Session, word: str) -> None:
    set_latency(session, "0.4")
    row = {"id": f"tests.p_{word}", "name": word}
    answers = at_once(10, lambda _: session.load("res.partner", row))
    assert session.call("res.partner", "search_count", [["name", "=", word]]) == 1
    assert [message["message"] for answer in answers for message in answer["messages"]] == [CONFLICT] * 9


def test_other_calls_do_not_collide(session: Session, word: str) -> None:
    # Odoo tries them again by itself
    lead = session.create("crm.lead", name=word)
    set_latency(session, "0.2")
    at_once(5, lambda number: session.call("crm.lead", "write", [lead], {"name": f"{word} {number}"}))
    assert session.value("crm.lead", lead, "name").startswith(word)


def test_records_survive_a_killed_process_with_a_state_file(start: Start, tmp_path: Path, word: str) -> None:
    options = ("--state", str(tmp_path / "state.sqlite"))
    session, process = start(*options)
    partner = session.load_id("res.partner", id_=f"tests.p_{word}", name=word)
    order = session.create("sale.order", partner_id=partner)
    line = session.create("sale.order.line", order_id=order, product_id=26174)
    session.call("sale.order.line", "write", [line], {"product_uom_qty": 2})
    name = session.value("sale.order", order, "name")
    process.kill()
    again, _ = start(*options)
    assert again.uid == session.uid
    assert again.load_id("res.partner", id_=f"tests.p_{word}", name=word) == partner
    assert again.read("sale.order", order, "name", "amount_untaxed") == {"name": name, "amount_untaxed": 31900.0}
    assert again.value("sale.order", order, "order_line") == [line]
    # the numbers go on after those that were taken before
    other = again.create("sale.order", partner_id=partner)
    assert other == order + 1
    assert again.value("sale.order", other, "name") == f"S{int(name[1:]) + 1:05d}"


def test_without_one_they_do_not(start: Start, word: str) -> None:
    session, process = start()
    session.create("res.partner", name=word)
    process.kill()
    again, _ = start(port=int(session.access.url.rpartition(":")[2]))
    assert again.call("res.partner", "search_count", [["name", "=", word]]) == 0


def test_a_failed_call_leaves_nothing(session: Session, word: str) -> None:
    with fault(2, "Contacts require a name"):
        session.create("res.partner", email=f"{word}@example.com")
    assert session.call("res.partner", "search_count", [["email", "ilike", word]]) == 0


@pytest.mark.parametrize(
    ("model", "method", "arguments"),
    [
        ("res.partner", "load", [["id", "parent_id/id"], [["tests.x", "tests.y"]]]),
        ("res.partner", "search", [[], 1, "name"]),
        ("sale.order", "create", [{"partner_id": 1, "order_line": [[0, 0, {"product_id": 26174}]]}]),
        ("crm.lead2opportunity.partner", "create", [{"name": "merge", "action": "exist", "lead_id": 1}]),
    ],
)
def test_it_says_so_when_it_lacks_a_feature(
    session: Session, model: str, method: str, arguments: list[Any]
) -> None:
    with fault(1, "^NotImplementedError: The stand-in"):
        session.call(model, method, *arguments)


def test_connections_are_kept(session: Session) -> None:
    connection = http.client.HTTPConnection(session.access.url.removeprefix("http://"))
    for _ in range(2):
        connection.request("POST", "/xmlrpc/2/common", dumps((), "version"), {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        assert answer.read()
        assert not answer.will_close
    connection.close()


def test_it_ends_when_told(start: Start) -> None:
    _, process = start()
    assert process.stop() == -signal.SIGTERM
