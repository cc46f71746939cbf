"""The worker's settings: the Odoo of each environment, and where the logs go."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import NoDecode

from activities.company.setup import MODELS
from log_store import MONTHS, LogStore, LogStoreSettingsError
from odoo_client import Credentials
from runtime.proxy import check_proxy, proxy_of_environment
from runtime.settings import EnvironmentSettings, Settings, SettingsError, blank_is_unset
from runtime.versioning import check_build_id, check_deployment_name

# it becomes a header
_KEY = re.compile(r"[!-~]+")


def _check_secret_proxy(proxy: SecretStr | None) -> SecretStr | None:
    return proxy and SecretStr(check_proxy(proxy.get_secret_value()))


def _check_key(key: SecretStr | None) -> SecretStr | None:
    if key and not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError("must be an API key as Odoo showed it, without spaces")
    return key


def _check_url(text: str) -> str:
    url = HttpUrl(text)
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("must be a URL without credentials or parameters")
    return str(url).rstrip("/")


def _from_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value or "{}")
    except ValueError:
        raise ValueError('must be JSON, e.g. {"sale.order": {"x_giro": "Comercio"}}') from None


def _blank_is_usual_number(value: object) -> object:
    return MONTHS if value == "" else value


def _check_models(defaults: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if not defaults.keys() <= set(MODELS):
        raise ValueError(f"may have values for {', '.join(MODELS)} only")
    return defaults


_Defaults = Annotated[
    dict[str, dict[str, Any]], NoDecode, BeforeValidator(_from_json), AfterValidator(_check_models)
]


class OdooSettings(EnvironmentSettings):
    """The access to an environment's Odoo."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_check_url)]
    public_url: Annotated[Annotated[str, AfterValidator(_check_url)] | None, BeforeValidator(blank_is_unset)] = (
        Field(None, description="Where people open this Odoo, if it is not `url`.")
    )
    # secret: its URL may hold a password
    proxy: Annotated[SecretStr | None, BeforeValidator(blank_is_unset), AfterValidator(_check_secret_proxy)] = (
        Field(None, description="The HTTP proxy on the way to this Odoo, if not that of the environment.")
    )
    db: str = Field(min_length=1)
    username: str = Field(min_length=1)
    password: Annotated[SecretStr | None, BeforeValidator(blank_is_unset)] = None
    api_key: Annotated[SecretStr | None, BeforeValidator(blank_is_unset), AfterValidator(_check_key)] = Field(
        None, description="In place of the password: calls use JSON-2, which needs Odoo 19."
    )
    timeout: float = Field(30, gt=0, le=120, description="Seconds for one call.")
    max_calls: int = Field(8, ge=1, description="Calls at once from this worker.")
    max_per_second: Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(blank_is_unset)] = Field(
        None, description="Steps of quotations begun in a second, by all workers together."
    )
    patience: float = Field(
        900, ge=0, le=86400, description="Seconds for which faults of the installation are waited out."
    )
    lang: Annotated[str | None, BeforeValidator(blank_is_unset)] = None
    company: Annotated[str | None, BeforeValidator(blank_is_unset)] = None
    defaults: _Defaults = Field(default_factory=dict)

    def credentials(self) -> Credentials:
        """Return the address and the login, with the API key in place of the password if there is one."""
        secret = self.api_key or self.password or SecretStr("")
        return Credentials(self.url, self.db, self.username, secret.get_secret_value())

    @property
    def url_of_links(self) -> str:
        """The address in the links that people get."""
        return self.public_url or self.url

    def proxy_url(self) -> str | None:
        """Return the proxy on the way to this Odoo, if any. Raises `SettingsError`."""
        if self.proxy is not None:
            return self.proxy.get_secret_value()
        try:
            return proxy_of_environment(self.url)
        except ValueError as error:
            raise SettingsError(str(error)) from None


class WorkerSettings(Settings):
    """Settings of `worker.py`."""

    secret_variables = rf"{Settings.secret_variables}|ODOO__\w+__(PASSWORD|API_KEY|PROXY)"

    odoo: dict[str, OdooSettings] = Field(default_factory=dict)
    s3_bucket: str = Field("ilagentslogs", min_length=1)
    s3_prefix: str = "mcp-odoo-logs"
    s3_server_side_encryption: Annotated[Literal["AES256", "aws:kms"] | None, BeforeValidator(blank_is_unset)] = (
        None
    )
    log_months: Annotated[int, BeforeValidator(_blank_is_usual_number)] = Field(
        MONTHS, ge=1, le=120, description="How many months back the log of an old quotation is looked for."
    )
    log_dir: Annotated[Path | None, BeforeValidator(blank_is_unset)] = None
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: Annotated[
        Annotated[int, Field(ge=0, le=65535)] | None, BeforeValidator(blank_is_unset)
    ] = Field(None, description="The port of `/metrics`, `/healthz` and `/readyz`; none if unset.")
    temporal_deployment_name: Annotated[
        Annotated[str, AfterValidator(check_deployment_name)] | None, BeforeValidator(blank_is_unset)
    ] = Field(None, description="The worker deployment in Temporal; unversioned if unset.")
    temporal_worker_build_id: Annotated[
        Annotated[str, AfterValidator(check_build_id)] | None, BeforeValidator(blank_is_unset)
    ] = Field(None, description="The version in that deployment; the package's if unset.")

    @model_validator(mode="after")
    def _check_secrets(self) -> Self:
        for environment, odoo in self.odoo.items():
            prefix = _prefix(environment)
            if odoo.password and odoo.api_key:
                raise ValueError(f"{prefix}PASSWORD and {prefix}API_KEY must not both be set")
            if not (odoo.password or odoo.api_key):
                raise ValueError(f"{prefix}PASSWORD or {prefix}API_KEY must be set")
        return self

    def odoo_of(self, environment: str) -> OdooSettings:
        """Return an environment's Odoo. Raises `SettingsError` if it has none."""
        prefix = _prefix(environment)
        if environment not in self.odoo:
            raise SettingsError(
                f"{prefix}URL, {prefix}DB, {prefix}USERNAME and {prefix}PASSWORD or {prefix}API_KEY"
                f" must be set because {environment} is in ENVIRONMENTS"
            )
        return self.odoo[environment]

    def log_store(self) -> LogStore:
        """Create the store of the logs. Raises `SettingsError` if the `AWS_*` variables are wrong."""
        try:
            return LogStore(
                self.s3_bucket,
                self.s3_prefix,
                self.log_dir,
                self.s3_server_side_encryption,
                months=self.log_months,
            )
        except LogStoreSettingsError as error:
            raise SettingsError(str(error)) from None


def _prefix(environment: str) -> str:
    return f"ODOO__{environment.upper()}__"
