"""`python -m sandbox`: the whole system on this machine, without Docker."""

import argparse
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from runtime.process import EXIT_FAILED, EXIT_OK, end
from sandbox.demo import show_quotation
from sandbox.processes import ROOT, SandboxError
from sandbox.real_odoo import Protocol
from sandbox.serve import Plan, Sandbox, serve

_WATCH_SECONDS = 0.5


def main() -> NoReturn:
    """Start the sandbox, create a quotation if asked to, and serve until Ctrl-C or SIGTERM.

    Exit code 0 after a stop, or after `--once` with a completed quotation; 1 if something failed.
    """
    console = Console(highlight=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    end(_run(_parse(), console))


def _run(options: argparse.Namespace, console: Console) -> int:
    plan = Plan(
        folder=options.folder.resolve(),
        odoo=options.odoo,
        protocol=options.protocol,
        latency=options.latency,
        gateway_port=options.port,
        workers=options.workers,
        payload_keys=os.environ.get("PAYLOAD_KEYS", ""),
    )
    code = EXIT_OK
    try:
        with serve(plan, lambda line: console.print(f"[green]✓[/] {line}")) as sandbox:
            if options.demo and not show_quotation(sandbox.system, console):
                code = EXIT_FAILED
            if not options.once:
                console.print(_addresses(sandbox))
                _watch(sandbox)
    except SandboxError as error:
        console.print(f"[red]✗[/] {error}.")
        code = EXIT_FAILED
    except KeyboardInterrupt:
        console.print("\nEverything has stopped.")
    return code


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="create the quotation of the original flow over MCP")
    parser.add_argument("--once", action="store_true", help="exit after the start and the quotation")
    parser.add_argument("--odoo", choices=["standin", "real"], default="standin", help="the Odoo to start")
    parser.add_argument("--protocol", type=Protocol, choices=Protocol, default=Plan.protocol, help="to Odoo")
    parser.add_argument(
        "--latency",
        default=Plan.latency,
        help="delay of the stand-in's calls: seconds, a range such as 2-4, or original",
    )
    parser.add_argument("--port", type=int, default=Plan.gateway_port, help="port of the gateway, if it is free")
    parser.add_argument("--workers", type=int, default=Plan.workers, help="number of workers")
    parser.add_argument("--folder", type=Path, default=ROOT / ".sandbox", help="folder for state and logs")
    return parser.parse_args()


def _interrupt(_signum: int, _frame: FrameType | None) -> NoReturn:
    # a second Ctrl-C must not leave anything running
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _watch(sandbox: Sandbox) -> NoReturn:
    while True:
        sandbox.check()
        time.sleep(_WATCH_SECONDS)


def _addresses(sandbox: Sandbox) -> Panel:
    system = sandbox.system
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("REST docs", f"{system.gateway_url}/docs")
    table.add_row("MCP", f"{system.gateway_url}/mcp (Streamable HTTP), {system.gateway_url}/mcp/sse (SSE)")
    table.add_row("Temporal UI", f"{sandbox.ui_url}/namespaces/default/workflows")
    table.add_row("Odoo", system.odoo.url)
    table.add_row("Claude Code", f"claude mcp add --transport http quotations {system.gateway_url}/mcp")
    table.add_row("Logs", str(system.folder))
    return Panel(table, title="Serving until Ctrl-C", border_style="green", expand=False)


if __name__ == "__main__":
    main()
