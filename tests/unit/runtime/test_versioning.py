"""The version of a worker in its worker deployment."""

from temporalio.common import VersioningBehavior

from runtime import VERSION
from runtime.versioning import deployment_of


def test_a_worker_is_unversioned_unless_a_deployment_is_named() -> None:
    assert deployment_of(None, "1") is None


def test_the_version_is_the_packages_unless_one_is_named() -> None:
    default, named = deployment_of("quotations", None), deployment_of("quotations", "1")
    assert default is not None
    assert named is not None
    assert (default.version.build_id, named.version.build_id) == (VERSION, "1")
    assert default.default_versioning_behavior is VersioningBehavior.PINNED
