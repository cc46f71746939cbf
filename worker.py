"""The worker: runs the workflows and activities of every configured environment (`python worker.py`)."""

import argparse
import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.checks import CheckActivities
from activities.company import Setup
from activities.interceptor import GRACE, HEARTBEAT_SECONDS, QuietLifeInterceptor
from activities.lead import LeadActivities
from activities.log import LogActivities, Logs
from activities.lookup import LookupActivities
from activities.metrics import CountAttempts
from activities.opening import OpeningActivities
from activities.order import OrderActivities
from activities.partner import PartnerActivities
from activities.report import (
    OdooInspection,
    Troubles,
    inspect_bucket,
    inspect_folder,
    inspect_temporal,
    print_findings,
    watch_key,
)
from activities.resets import find_later_run
from activities.settings import OdooSettings, WorkerSettings
from activities.startup_checks import OdooCheck, check_bucket, check_folder
from log_store import LogStore
from odoo_client import Json2Odoo, Odoo, XmlRpcOdoo, unreserved
from quotation import lookups, messages
from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from runtime import process, startup, temporal
from runtime.encryption import check_readable
from runtime.monitoring.endpoints import served
from runtime.monitoring.exposition import tell_build
from runtime.monitoring.health import Health
from runtime.monitoring.sdk import SdkMetrics
from runtime.payload_keys import PayloadKey
from runtime.search_attributes import SearchAttributes
from runtime.settings import SettingsError
from runtime.startup import Check
from runtime.tracing import switch
from runtime.versioning import check_current_version, deployment_of
from workflows import metrics
from workflows.log import MovingLogWorkflow, QuotationLogWorkflow
from workflows.lookup import CheckWorkflow, LogLookupWorkflow, PartnerLookupWorkflow, ProductLookupWorkflow
from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER

logger = logging.getLogger(__name__)


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set. Raises `SettingsError`."""
    settings = WorkerSettings.load()
    settings_of = {name: settings.odoo_of(name) for name in settings.environments}
    store = settings.log_store()
    deployment = deployment_of(settings.temporal_deployment_name, settings.temporal_worker_build_id)
    switch.begin("worker")
    findings: dict[Check, str] = {}
    troubles = Troubles()
    health = Health(findings.values, troubles.sentences)
    async with _monitored(settings, health) as core:
        client = await process.unless_set(stop, _connect(settings.payload_keys, core))
        if client is None:
            return
        health.begin(client)
        odoos = {name: create_odoo(odoo, name) for name, odoo in settings_of.items()}
        checks = create_checks(odoos, settings_of, store)
        checks.append(partial(check_current_version, client, deployment))
        async with asyncio.TaskGroup() as group:
            group.create_task(_until(stop, startup.watch(checks, findings)))
            group.create_task(_register_search_attributes(client))
            for name, odoo in odoos.items():
                metrics.begin(core.metric_meter, client.namespace, name)
                workers = create_workers(
                    client, name, odoo, settings_of[name], store, troubles=troubles, deployment=deployment
                )
                group.create_task(_work(workers, odoo, stop))
                if settings_of[name].api_key:
                    group.create_task(_until(stop, watch_key(name, odoo)))
            await stop.wait()
            health.stop()


async def check(_: asyncio.Event) -> None:
    """Print the findings of a worker, and end the process: with exit code 1 if there is a problem, otherwise 0."""
    try:
        settings = WorkerSettings.load()
        settings_of = {name: settings.odoo_of(name) for name in settings.environments}
        store = settings.log_store()
        odoos = {name: create_odoo(odoo) for name, odoo in settings_of.items()}
    except SettingsError as error:
        print(f"problem  {error}.")  # noqa: T201
        process.end(process.EXIT_FAILED)
    problems = print_findings([one async for one in inspect_temporal(settings.payload_keys)])
    for name, odoo in odoos.items():
        problems += print_findings(await _inspection(name, odoo, settings_of[name]).findings())
        await odoo.close()
    problems += print_findings([await inspect_bucket(store), await inspect_folder(store)])
    print(f"Problems found: {problems}.")  # noqa: T201
    process.end(process.EXIT_FAILED if problems else process.EXIT_OK)


def create_odoo(settings: OdooSettings, environment: str = "") -> Odoo:
    """Create the client of one environment's Odoo; it connects at its first call. Raises `SettingsError`."""
    protocol = Json2Odoo if settings.api_key else XmlRpcOdoo
    return protocol(
        settings.credentials(),
        timeout=settings.timeout,
        max_calls=settings.max_calls,
        proxy=settings.proxy_url(),
        environment=environment,
    )


def create_checks(
    odoos: Mapping[str, Odoo], settings_of: Mapping[str, OdooSettings], store: LogStore
) -> list[Check]:
    """Create the checks of what the settings name; the keys are the environments' names."""
    return [
        *(OdooCheck(_inspection(name, odoo, settings_of[name])) for name, odoo in odoos.items()),
        partial(check_bucket, store),
        partial(check_folder, store),
    ]


def create_workers(
    client: Client,
    environment: str,
    odoo: Odoo,
    settings: OdooSettings,
    store: LogStore,
    *,
    troubles: Troubles,
    deployment: WorkerDeploymentConfig | None = None,
) -> list[Worker]:
    """Create the workers of one environment, not yet started: of its quotations, its look-ups and its logs.

    Each has a task queue and slots of its own, so that none waits for another.
    """
    setup = Setup(settings.company, settings.defaults)
    checks = CheckActivities(odoo, settings.lang, setup)
    logs = Logs(store, environment)
    opening = OpeningActivities(checks, logs)
    partners = PartnerActivities(odoo, settings.lang, setup)
    leads = LeadActivities(odoo, setup)
    orders = OrderActivities(odoo, settings.url_of_links, setup)
    log_activities = LogActivities(logs)
    finding = LookupActivities(odoo, settings.lang, setup)
    lookup_workflows = [ProductLookupWorkflow, PartnerLookupWorkflow, CheckWorkflow]
    lookup_activities: list[Callable[..., Any]] = [
        opening.authenticate,
        checks.check_request,
        finding.find_products,
        finding.find_partners,
    ]
    writing: list[Callable[..., Any]] = [log_activities.log_to_s3]
    log_workflow = MovingLogWorkflow if deployment else QuotationLogWorkflow
    create = partial(
        Worker,
        client,
        deployment_config=deployment,
        workflow_runner=RUNNER,
        interceptors=[
            CountAttempts(environment, troubles),
            QuietLifeInterceptor(timedelta(seconds=settings.patience)),
        ],
        graceful_shutdown_timeout=GRACE,
        # by default the SDK delays heartbeats by up to 8 s, and Temporal waits only 10 s
        max_heartbeat_throttle_interval=timedelta(seconds=HEARTBEAT_SECONDS),
    )
    return [
        create(
            task_queue=messages.task_queue(environment),
            # an older version runs look-ups and logs here
            workflows=[QuotationWorkflow, log_workflow, *lookup_workflows],
            activities=[
                *lookup_activities,
                partners.get_or_create_partner,
                leads.create_lead,
                leads.convert_to_opportunity,
                orders.create_sale_order,
                orders.add_product_lines,
                *writing,
                find_later_run,
            ],
            # an activity that Odoo has no slot for stays in Temporal's queue, which is fair
            max_concurrent_activities=unreserved(settings.max_calls),
            # a poll holds a slot, in which a step could start with the answer that schedules it
            max_concurrent_activity_task_polls=1,
            max_task_queue_activities_per_second=settings.max_per_second,
            # an eager activity passes the queue and its limit by
            disable_eager_activity_execution=settings.max_per_second is not None,
        ),
        create(
            task_queue=lookups.task_queue(environment),
            workflows=lookup_workflows,
            activities=lookup_activities,
            no_remote_activities=True,
        ),
        create(
            task_queue=messages.log_queue(messages.task_queue(environment)),
            workflows=[LogLookupWorkflow],
            activities=[*writing, log_activities.read_log],
        ),
    ]


@contextlib.asynccontextmanager
async def running(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Run these workers together, and stop them at the same time: each waits for its calls in progress."""
    async with contextlib.AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        try:
            yield
        finally:
            await asyncio.gather(*(worker.shutdown() for worker in workers))


def _inspection(environment: str, odoo: Odoo, settings: OdooSettings) -> OdooInspection:
    setup, has_key = Setup(settings.company, settings.defaults), settings.api_key is not None
    return OdooInspection(environment, odoo, settings.username, settings.lang, setup, has_key)


@contextlib.asynccontextmanager
async def _monitored(settings: WorkerSettings, health: Health) -> AsyncIterator[Runtime]:
    """Serve metrics and health if a port is set; yield the runtime of the SDK's core."""
    if settings.worker_metrics_port is None:
        yield temporal.quiet_runtime()
        return
    tell_build("worker")
    sdk = SdkMetrics()
    async with served(settings.worker_metrics_host, settings.worker_metrics_port, health, sdk):
        yield sdk.runtime


async def _connect(keys: Sequence[PayloadKey], core: Runtime) -> Client:
    client = await temporal.connect(keys, core)
    await check_readable(client, keys, WORKFLOW)
    return client


async def _until(stop: asyncio.Event, watching: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(watching)
    await stop.wait()
    task.cancel()


async def _register_search_attributes(client: Client) -> None:
    # the gateway starts quotations with them; a worker that starts earlier saves it the time
    with contextlib.suppress(RPCError):
        await SearchAttributes(client, SEARCH_ATTRIBUTES).registered()


async def _work(workers: Sequence[Worker], odoo: Odoo, stop: asyncio.Event) -> None:
    queue = workers[0].task_queue
    try:
        async with running(workers):
            logger.info("working on %s", queue)
            await stop.wait()
            logger.info("stopping work on %s", queue)
    finally:
        await odoo.close()


def run() -> NoReturn:
    """Run the process that the command line asks for."""
    arguments = argparse.ArgumentParser(description="Run the worker of the durable quotations.")
    arguments.add_argument("--check", action="store_true", help="print what the worker would find, and exit")
    process.run(check if arguments.parse_args().check else main)


if __name__ == "__main__":
    run()
