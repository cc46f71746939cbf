import json
import subprocess
import sys
import time
from typing import Any

from sandbox.processes import ROOT, environment

COMMAND = [sys.executable, "-m", "gateway.stdio"]


ON_WINDOWS = """
import asyncio, runpy, sys

class Loop(asyncio.SelectorEventLoop):
    def add_signal_handler(self, *_):
        raise NotImplementedError

class Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Loop

for name in ("grp", "pwd", "resource"):
    sys.modules[name] = None
asyncio.set_event_loop_policy(Policy())
runpy.run_module("gateway.stdio", run_name="__main__")
"""
"""Serves in an event loop and without the modules that Windows does not have."""


def message(number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def lines(*messages: dict[str, Any]) -> bytes:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    opening = [message(0, "initialize", client), {"jsonrpc": "2.0", "method": "notifications/initialized"}]
    return b"".join(json.dumps(one).encode() + b"\n" for one in [*opening, *messages])


def test_piped_requests_are_all_answered_before_the_end(
    temporal_address: str, request_body: dict[str, Any]
) -> None:
    create = {"name": "dev_create_quotation", "arguments": request_body}
    requests = lines(*(message(number, "tools/call", create) for number in range(1, 6)))

    done = subprocess.run(
        COMMAND,
        input=requests,
        capture_output=True,
        timeout=30,
        check=False,
        cwd=ROOT,
        env=environment({"TEMPORAL_ADDRESS": temporal_address}),
    )

    answers = {answer["id"]: answer["result"] for answer in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0
    assert set(answers) == {0, 1, 2, 3, 4, 5}
    assert all(answers[number]["structuredContent"]["status"] == "queued" for number in range(1, 6))
    assert b"Traceback" not in done.stderr
    assert b"acme" not in done.stderr


def test_stdout_holds_the_protocol_only_and_sigterm_ends_it(request_body: dict[str, Any]) -> None:
    settings = environment({"TEMPORAL_ADDRESS": "127.0.0.1:9"})
    create = {"name": "dev_create_quotation", "arguments": request_body}
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=settings
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"no json\n" + lines(message(1, "tools/call", create)))
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(3)]
        before = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - before < 2
        rest, log = process.stdout.read(), process.stderr.read()

    assert [answer["id"] for answer in answers] == [None, 0, 1]
    assert answers[0]["error"] == {"code": -32700, "message": "The message is not valid JSON in UTF-8."}
    assert answers[2]["result"]["isError"]
    assert "temporarily unavailable" in answers[2]["result"]["content"][0]["text"]
    assert rest == b""
    assert b"127.0.0.1:9" not in log


def test_a_wrong_setting_is_one_sentence_and_exit_code_2() -> None:
    # with stdin open, as a host leaves it
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment({"TEMPORAL_ADDRESS": "127.0.0.1:99999"}),
    ) as process:
        assert process.wait(20) == 2
        assert process.stdout
        assert process.stderr
        rest, log = process.stdout.read(), process.stderr.read()

    assert rest == b""
    assert log.startswith(b"the TEMPORAL_* settings are wrong")
    assert len(log.splitlines()) == 1


def test_a_loop_without_signal_handlers_serves_and_stops(
    temporal_address: str, request_body: dict[str, Any]
) -> None:
    settings = environment({"TEMPORAL_ADDRESS": temporal_address})
    create = {"name": "dev_create_quotation", "arguments": request_body}
    command = [sys.executable, "-c", ON_WINDOWS]
    for ends_by_signal in (False, True):
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=settings
        ) as process:
            assert process.stdin
            assert process.stdout
            # as a host on Windows writes them
            process.stdin.write(lines(message(1, "tools/call", create)).replace(b"\n", b"\r\n"))
            process.stdin.flush()
            answers = [json.loads(process.stdout.readline()) for _ in range(2)]
            if ends_by_signal:
                process.terminate()
            else:
                process.stdin.close()
            assert process.wait(20) == 0
        assert answers[1]["result"]["structuredContent"]["status"] == "queued"
