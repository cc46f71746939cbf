"""Settings from environment variables (contract, section 5), checked before a process does anything."""

import re
from pathlib import Path
from typing import Annotated, Any, Self

import pydantic_settings
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ENVIRONMENT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_LABELS = {"dev": "development", "prod": "production"}


class SettingsError(Exception):
    """A setting is wrong or missing; its text is one sentence for whoever starts the process."""


def _blank_is_unset(value: object) -> object:
    return None if value == "" else value


def _split_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [name.strip().lower() for name in value.split(",") if name.strip()]


def _check_names(names: list[str]) -> list[str]:
    if not names or len(set(names)) != len(names) or not all(map(_ENVIRONMENT_NAME.fullmatch, names)):
        raise ValueError("must be different names, comma-separated, of letters, digits and single underscores")
    return names


def _check_url(text: str) -> str:
    url = HttpUrl(text)
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("must be an address only, without credentials or parameters")
    return str(url).rstrip("/")


class EnvironmentSettings(BaseModel):
    """What the gateway knows of an environment."""

    # a gateway may be started with a worker's variables, and needs none of them
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    label: Annotated[str | None, BeforeValidator(_blank_is_unset)] = None


class OdooSettings(EnvironmentSettings):
    """How a worker reaches an environment's Odoo."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_check_url)]
    db: str = Field(min_length=1)
    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    timeout: float = Field(30, gt=0, le=120, description="Seconds for one call.")
    max_calls: int = Field(8, ge=1, description="Calls at once from this worker.")
    lang: Annotated[str | None, BeforeValidator(_blank_is_unset)] = None


class Settings(BaseSettings):
    """What worker and gateway both need."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", hide_input_in_errors=True, extra="ignore")

    environments: Annotated[list[str], NoDecode, BeforeValidator(_split_names), AfterValidator(_check_names)] = [
        "dev"
    ]

    @classmethod
    def load(cls) -> Self:
        """Read the environment variables. Raises `SettingsError` with a sentence that names the variable."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_sentence(problem) for problem in error.errors())) from None
        except pydantic_settings.SettingsError:
            # the variables of one Odoo are read one by one; a variable ODOO would be JSON
            raise SettingsError(
                "ODOO must not be set; the settings of an Odoo are ODOO__{NAME}__URL and so on"
            ) from None


class WorkerSettings(Settings):
    """Settings of `worker.py`."""

    odoo: dict[str, OdooSettings] = {}
    s3_bucket: str = Field("ilagentslogs", min_length=1)
    s3_prefix: str = "mcp-odoo-logs"
    log_dir: Annotated[Path | None, BeforeValidator(_blank_is_unset)] = None

    def odoo_of(self, environment: str) -> OdooSettings:
        """Give an environment's Odoo. Raises `SettingsError` where it has none."""
        if environment not in self.odoo:
            name = environment.upper()
            raise SettingsError(
                f"ODOO__{name}__URL, ODOO__{name}__DB, ODOO__{name}__USERNAME and ODOO__{name}__PASSWORD"
                f" must be set, since {environment} is one of ENVIRONMENTS"
            )
        return self.odoo[environment]


class GatewaySettings(Settings):
    """Settings of `python -m gateway`."""

    odoo: dict[str, EnvironmentSettings] = {}
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(8000, ge=0, le=65535)

    @field_validator("odoo", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return value or {}

    def label_of(self, environment: str) -> str:
        """Give the name of an environment that results show, e.g. `development` for `dev`."""
        named = self.odoo.get(environment)
        return (named and named.label) or _LABELS.get(environment, environment)


def _sentence(problem: Any) -> str:
    variable = "__".join(str(part) for part in problem["loc"]).upper()
    if problem["type"] == "missing":
        return f"{variable} must be set"
    return f"{variable} is wrong: {problem['msg'].removeprefix('Value error, ')}"
