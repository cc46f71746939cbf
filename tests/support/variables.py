"""The environment variables that gateway and worker know, for tests of the files that set them."""

from collections.abc import Iterable

from pydantic import BaseModel

from activities.settings import OdooSettings, WorkerSettings
from gateway.settings import GatewaySettings
from runtime.settings import EnvironmentSettings, Settings

# docs/reference.md, Settings; those of Temporal and AWS as far as they are used here
_TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE"}
_AWS = {"AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

SETTINGS: dict[str, tuple[type[Settings], type[BaseModel]]] = {
    "worker": (WorkerSettings, OdooSettings),
    "gateway": (GatewaySettings, EnvironmentSettings),
}


def known(process: str, environments: Iterable[str]) -> set[str]:
    """Return the variables that a process with these environments reads."""
    settings, odoo = SETTINGS[process]
    others = _TEMPORAL | (_AWS if process == "worker" else set())
    return others | _of_fields(settings) | _of_odoos(odoo, environments)


def needed(process: str, environments: Iterable[str]) -> set[str]:
    """Return the variables without a default."""
    settings, odoo = SETTINGS[process]
    return _of_fields(settings, required=True) | _of_odoos(odoo, environments, required=True)


def shared() -> set[str]:
    """Return the variables that gateway and worker must agree on."""
    return _TEMPORAL | _of_fields(Settings)


def _of_fields(settings: type[BaseModel], *, required: bool = False) -> set[str]:
    fields = settings.model_fields.items()
    return {name.upper() for name, field in fields if name != "odoo" and (field.is_required() or not required)}


def _of_odoos(odoo: type[BaseModel], environments: Iterable[str], *, required: bool = False) -> set[str]:
    fields = _of_fields(odoo, required=required)
    return {f"ODOO__{environment.upper()}__{field}" for environment in environments for field in fields}
