"""The processor time and the memory of groups of processes, from /proc (`man 5 proc`)."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")

Pids = Callable[[], Iterator[int]]


@dataclass(frozen=True)
class Groups:
    """Groups of processes by name."""

    pids: Mapping[str, Pids]

    def seconds(self) -> dict[str, float]:
        """Return the processor seconds that each group has used so far."""
        return {name: sum(_seconds(pid) for pid in pids()) for name, pids in self.pids.items()}


def tree(root: int) -> Pids:
    """Return a group: a process and all its descendants."""

    def pids() -> Iterator[int]:
        children: dict[int, list[int]] = {}
        for pid, parent in _parents():
            children.setdefault(parent, []).append(pid)
        remaining = [root]
        while remaining:
            pid = remaining.pop()
            yield pid
            remaining += children.get(pid, [])

    return pids


def backends(postgres: int, database: str) -> Pids:
    """Return a group: the processes of a PostgreSQL server that serve one database."""

    def pids() -> Iterator[int]:
        for pid, parent in _parents():
            if parent == postgres and f" {database} " in _title(pid):
                yield pid

    return pids


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that a process and its descendants have used so far."""
    return sum(_seconds(each) for each in tree(pid)())


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process has had resident, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield int(folder.name), int(_stat(int(folder.name))[1])


def _seconds(pid: int) -> float:
    """Return the time of a process and of its children that have ended."""
    with suppress(OSError):
        return sum(int(ticks) for ticks in _stat(pid)[11:15]) / _TICKS
    return 0.0


def _stat(pid: int) -> list[str]:
    # the command's name, in parentheses, may contain spaces and parentheses
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    return ""
