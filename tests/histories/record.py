"""Record histories of the workflows of a commit, by default HEAD: `python -m tests.histories.record [COMMIT]`.

They are saved in `tests/data/histories/`, in a folder with the commit's name.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from sandbox.processes import ROOT
from sandbox.real_odoo import OdooAccess
from sandbox.servers import s3_client, s3_server, standin_odoo, temporal_server
from sandbox.system import BUCKET, System
from tests.histories.scenarios import Scenarios
from tests.support import callers
from tests.support.odoo_relay import relay_to
from tests.version_skew.versions import check_out

HISTORIES = ROOT / "tests" / "data" / "histories"


async def main(commit: str = "HEAD") -> None:
    """Run every scenario with the code of this commit, and save the histories."""
    name = name_of(commit)
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        for part in ("code", "temporal", "odoo", "s3", "system"):
            (base / part).mkdir()
        code = check_out(base / "code", commit)
        with (
            temporal_server(base / "temporal") as temporal,
            standin_odoo(base / "odoo") as odoo,
            relay_to(OdooAccess(odoo.url, "quotations")) as relay,
            s3_server(base / "s3") as s3,
        ):
            s3_client(s3.url).create_bucket(Bucket=BUCKET)
            access = OdooAccess(relay.url, relay.odoo.db)
            system = System(base / "system", temporal.address, s3.url, access, code=code)
            try:
                system.start_gateway()
                system.start_worker()
                client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
                async with callers.rest(system.gateway_url) as http:
                    runs = await Scenarios(client, http, relay, s3).play()
                for scene, run in runs.items():
                    save(name, scene, (await run.fetch_history()).to_json())
            finally:
                system.kill()


def name_of(commit: str) -> str:
    """Return the short name of a commit."""
    git: list[str | Path] = ["git", "-C", ROOT, "rev-parse", "--short=7", commit]
    return subprocess.check_output(git, text=True).strip()


def save(version: str, scene: str, history: str) -> None:
    """Write a history without the names of machine and processes."""
    folder = HISTORIES / version
    folder.mkdir(parents=True, exist_ok=True)
    anonymous = re.sub(r'("(?:identity|name)": )"\d+@[^"]*"', r'\1"worker"', history)
    (folder / f"{scene}.json").write_text(json.dumps(json.loads(anonymous), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
