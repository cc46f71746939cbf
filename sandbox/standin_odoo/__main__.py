"""`python -m sandbox.standin_odoo`: serve the stand-in until the process is stopped."""

import argparse
from pathlib import Path

import uvicorn

from sandbox.standin_odoo.server import Server, latency
from sandbox.standin_odoo.service import Service
from sandbox.standin_odoo.store import Store


def main() -> None:
    """Read the options and serve on 127.0.0.1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.standin_odoo", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument(
        "--latency",
        type=latency,
        default="0",
        help="seconds each call takes: 0.05, 2-4 (a random time between them), or original (the first version's)",
    )
    parser.add_argument("--state", type=Path, help="the SQLite file that keeps the records, created if missing")
    options = parser.parse_args()
    server = Server(Service(Store(options.state)), options.latency)
    uvicorn.run(server.app, host="127.0.0.1", port=options.port, access_log=False)


if __name__ == "__main__":
    main()
