"""`python -m tests.compose`: runs docker-compose.yml as it is shipped and checks that it keeps its data.

It takes the engine that answers, or starts Debian's with substitutes for the images. The published ports
must be free.
"""

import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from runtime.process import end
from sandbox.processes import SandboxError
from tests.compose import substitutes
from tests.compose.engine import NEEDS, serve
from tests.compose.project import Project, removed_afterwards
from tests.compose.run import Run


def main() -> int:
    """Run it, and return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="compose-"))
    log = folder / "log"

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - begun:6.1f} s  {line}")

    say(f"{NEEDS} All output: {log}")
    try:
        with serve(log) as engine:
            override = substitutes.build(engine, say) if engine.is_own else None
            for description in substitutes.DESCRIPTIONS.values() if engine.is_own else ():
                say(f"substitute: {description}")
            with removed_afterwards(Project(engine, folder, override)) as project:
                Run(project, say).everything()
    except SandboxError as error:
        say(f"failed: {error}")
        return 1
    say("everything holds")
    return 0


if __name__ == "__main__":
    end(main())
