"""`python worker.py --register` as a process: it needs Temporal only."""

import subprocess
import sys
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client

from quotation.messages import SEARCH_ATTRIBUTES
from sandbox.processes import ROOT
from sandbox.servers import temporal_server


def register(address: str) -> tuple[int, list[str]]:
    """Return the exit code and the printed lines."""
    environment = {"PATH": "/usr/bin:/bin", "TEMPORAL_ADDRESS": address}
    command = [sys.executable, "worker.py", "--register"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout.splitlines()


async def test_all_are_registered_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    with temporal_server(tmp_path) as server:
        for _ in range(2):
            assert register(server.address) == (0, [f"ok       {name} (Keyword)" for name in SEARCH_ATTRIBUTES])


async def test_a_namespace_with_little_room_gets_the_most_useful_ones(tmp_path: Path) -> None:
    with temporal_server(tmp_path) as server:
        client = await Client.connect(server.address)
        # a namespace has room for ten
        taken = {f"Taken{number}": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for number in range(7)}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=taken)
        )
        code, lines = register(server.address)

    assert code == 1
    words = ["ok"] * 3 + ["missing"] * (len(SEARCH_ATTRIBUTES) - 3)
    assert [line.split() for line in lines] == [
        [word, name, "(Keyword)"] for word, name in zip(words, SEARCH_ATTRIBUTES, strict=True)
    ]
