"""Workers of several versions in one worker deployment, with a gateway, and an Odoo that can be held up."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from temporalio.client import Client

from sandbox.processes import BIN, Process, holds_within
from sandbox.system import System
from tests.queues.turnstile import Turnstile
from tests.support import quotations
from tests.support.requests import unique_body

LEAD = "crm.lead.load"

_SECONDS = 30


@dataclass
class Deployment:
    """One environment, whose name is the deployment's too."""

    environment: str
    system: System
    client: Client
    http: httpx2.AsyncClient
    gate: Turnstile
    workers: dict[str, Process] = field(default_factory=dict)
    """The worker of each version; that of the version "" is unversioned."""

    def work(self, version: str) -> None:
        """Start a worker of this version."""
        variables = {"TEMPORAL_DEPLOYMENT_NAME": self.environment, "TEMPORAL_WORKER_BUILD_ID": version}
        self.workers[version] = self.system.start_worker(variables if version else None)

    def make_current(self, version: str) -> None:
        """Make this the version of new runs, as soon as Temporal has heard from its worker on every queue."""
        named = ["--deployment-name", self.environment, "--build-id", version]
        assert holds_within(lambda: self._queues(*named) == 3, _SECONDS)
        made = self.temporal("worker", "deployment", "set-current-version", *named, "--yes")
        assert made.returncode == 0, made.stderr

    def _queues(self, *named: str) -> int:
        described = self.temporal("worker", "deployment", "describe-version", *named).stdout
        return sum(f"{queue}-{self.environment}" in described for queue in ("quotations", "lookups", "logs"))

    def temporal(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Temporal's command line."""
        program: list[str | Path] = [BIN / "temporal", *command, "--address", self.system.temporal]
        return subprocess.run(program, capture_output=True, text=True, check=False)

    async def start(self) -> tuple[str, Mapping[str, str]]:
        """Start a quotation, and return its id and the request."""
        asked = unique_body()
        return await quotations.start(self.http, self.environment, **asked), asked

    async def hold(self, number: int) -> list[tuple[str, Mapping[str, str]]]:
        """Start so many quotations that wait for Odoo in the midst of their steps."""
        self.gate.close(LEAD)
        started = [await self.start() for _ in range(number)]
        await self.gate.until(LEAD, number)
        return started

    async def versions_of(self, workflow_id: str) -> list[str]:
        """Return whose workers did the tasks and activities of a run, in order, without repeats in a row."""
        names = {str(worker.pid): version for version, worker in self.workers.items()}
        versions: list[str] = []
        async for event in self.client.get_workflow_handle(workflow_id).fetch_history_events():
            # a started activity has the identity of its worker, a workflow task has it when completed
            for identity in (
                event.workflow_task_completed_event_attributes.identity,
                event.activity_task_started_event_attributes.identity,
            ):
                version = names.get(identity.partition("@")[0])
                if version is not None and versions[-1:] != [version]:
                    versions.append(version)
        return versions
