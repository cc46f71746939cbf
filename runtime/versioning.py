"""The version of a worker in its worker deployment (docs/operate.md, Two versions side by side)."""

import re

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from runtime import VERSION

# Temporal writes a version as name:build and name.build, so neither may be in the name
_NAME = re.compile(r"[A-Za-z0-9/_-]{1,100}", re.ASCII)
_BUILD_ID = re.compile(r"[A-Za-z0-9._+-]{1,100}", re.ASCII)


def check_deployment_name(name: str) -> str:
    """Return the name. Raises `ValueError` if it cannot be that of a deployment."""
    if not _NAME.fullmatch(name):
        raise ValueError("must be at most 100 letters, digits and / _ -")
    return name


def check_build_id(build_id: str) -> str:
    """Return the build id. Raises `ValueError` if it cannot be one."""
    if not _BUILD_ID.fullmatch(build_id):
        raise ValueError("must be at most 100 letters, digits and . _ + -")
    return build_id


def deployment_of(name: str | None, build_id: str | None) -> WorkerDeploymentConfig | None:
    """Return how a worker serves the deployment `name`, or None without a name: then it is unversioned.

    Runs stay with the version whose worker took their first task. The default build id is the package's version.
    """
    if name is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(name, build_id or VERSION),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


async def check_current_version(client: Client, deployment: WorkerDeploymentConfig | None) -> str | None:
    """Return why new runs may not reach versioned workers: no version is current. Unversioned ones need none."""
    if deployment is None:
        return None
    name = deployment.version.deployment_name
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
    try:
        described = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            return f"Temporal does not say which version of {name} is current: it answers {error.status.name}."
    else:
        if described.worker_deployment_info.routing_config.current_deployment_version.build_id:
            return None
    return (
        f"The worker deployment {name} (TEMPORAL_DEPLOYMENT_NAME) has no current version:"
        " without unversioned workers, quotations wait until one is set (docs/operate.md, Turn it on)."
    )
