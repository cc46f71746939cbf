"""`python -m sandbox.standin_odoo`: serve the stand-in until it is told to stop."""

import argparse
from pathlib import Path

import uvicorn

from sandbox.standin_odoo.latency import parse_latency
from sandbox.standin_odoo.server import Server
from sandbox.standin_odoo.service import Service
from sandbox.standin_odoo.store import Store


def main() -> None:
    """Read the options and serve on 127.0.0.1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.standin_odoo", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--database", default="quotations", help="the name of its database (quotations)")
    parser.add_argument(
        "--latency",
        type=_latency,
        default="0",
        help="seconds a call takes: 0.05, 2-4 (any between), 0.1,2 (in turn), or original (the flow's)",
    )
    parser.add_argument(
        "--authenticate-seconds", type=float, default=0.0, help="on top for authenticate (0; Odoo takes 0.5)"
    )
    parser.add_argument(
        "--no-conflicts", action="store_true", help="let no load fail because of another at the same time"
    )
    parser.add_argument("--state", type=Path, help="a file that keeps the records (SQLite, made if missing)")
    options = parser.parse_args()
    server = Server(
        Service(Store(options.state), options.database),
        latency=options.latency,
        authenticate_seconds=options.authenticate_seconds,
        conflicts=not options.no_conflicts,
    )
    uvicorn.run(server.app, host="127.0.0.1", port=options.port, log_level="warning")


def _latency(spec: str) -> str:
    try:
        parse_latency(spec)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return spec


if __name__ == "__main__":
    main()
