"""The environment variables that a page may name."""

import re

from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.credentials import EnvProvider
from opentelemetry import environment_variables as of_the_api
from opentelemetry.sdk import environment_variables as of_the_sdk

from activities.settings import OdooSettings, WorkerSettings
from gateway.settings import GatewaySettings
from sandbox.processes import ROOT
from sandbox.real_odoo.service import VARIABLES

PATTERN = re.compile(
    r"\b(?:AWS|CODEC|COMPOSE|FORWARDED|GATEWAY|LOG|ODOO|OTEL|PAYLOAD|S3|TEMPORAL|TRACKING|WORKER)"
    r"_(?:[A-Z0-9_]|\{NAME\})+(?!\*|[A-Z0-9_])"
)
"""Names that look like a variable of ours, of Temporal, of the S3 client or of OpenTelemetry."""

_TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS", "TEMPORAL_PROFILE"}
_TEMPORAL |= {"TEMPORAL_CONFIG_FILE"}
_AWS = {"AWS_ENDPOINT_URL_S3", EnvProvider.ACCESS_KEY, EnvProvider.SECRET_KEY, "AWS_SHARED_CREDENTIALS_FILE"}
_OTEL = {name for name in {**vars(of_the_api), **vars(of_the_sdk)} if name.startswith("OTEL_")}
_TESTS = {"ODOO_CACHE", *VARIABLES.values()}
_PLACEHOLDERS = {"TRACKING_ID", "ODOO__{NAME}"}


def is_known(name: str) -> bool:
    """Return True if the product, its clients, docker-compose.yml or the tests read a variable of this name."""
    example = (ROOT / ".env.example").read_text()
    if re.search(rf"(?m)^(?:# )?{re.escape(name)}=", example):
        return True
    if name in _TEMPORAL | _AWS | _OTEL | _TESTS | _PLACEHOLDERS | _of_botocore():
        return True
    secrets = f"{WorkerSettings.secret_variables}|{GatewaySettings.secret_variables}"
    plain = name.replace("{NAME}", "DEV")
    if plain.endswith("_FILE"):
        return bool(re.fullmatch(secrets, plain.removesuffix("_FILE")))
    odoo = re.fullmatch(r"ODOO__[A-Z]+__(\w+)", plain)
    if odoo:
        return odoo[1].lower() in OdooSettings.model_fields
    return plain.lower() in WorkerSettings.model_fields | GatewaySettings.model_fields


def _of_botocore() -> set[str]:
    names = [variables for _, variables, _, _ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values() if variables]
    return {name for one in names for name in ([one] if isinstance(one, str) else one)}
