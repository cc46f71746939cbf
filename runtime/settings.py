"""Settings that gateway and worker share, read from environment variables (docs/reference.md, Settings)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import pydantic_settings
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from runtime.payload_keys import PayloadKey, parse_payload_keys

_ENVIRONMENT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)


class SettingsError(Exception):
    """A setting is wrong or missing; the text is one sentence for the operator, without its period."""


def blank_is_unset(value: object) -> object:
    """Return None for an empty text: Compose passes a variable that is not set as one."""
    return None if value == "" else value


def _split_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [name.strip().lower() for name in value.split(",") if name.strip()]


def _check_names(names: list[str]) -> list[str]:
    if not names or len(set(names)) != len(names) or not all(map(_ENVIRONMENT_NAME.fullmatch, names)):
        raise ValueError(
            "must be a comma-separated list of different names, made of letters, digits and single underscores"
        )
    return names


def _split_payload_keys(value: object) -> object:
    return parse_payload_keys(value) if isinstance(value, str) else value


class EnvironmentSettings(BaseModel):
    """An environment's settings that the gateway reads too."""

    # a gateway may be started with a worker's variables and ignores them
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    label: Annotated[str | None, BeforeValidator(blank_is_unset)] = None


class Settings(BaseSettings):
    """The settings of both worker and gateway."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", hide_input_in_errors=True, extra="ignore")

    secret_variables: ClassVar[str] = "PAYLOAD_KEYS"  # noqa: S105  # their names
    """A regular expression: for these, `NAME_FILE` may name a file that holds the value."""

    environments: Annotated[list[str], NoDecode, BeforeValidator(_split_names), AfterValidator(_check_names)] = [
        "dev"
    ]
    log_format: Annotated[Literal["text", "json"], BeforeValidator(lambda value: value or "text")] = "text"
    payload_keys: Annotated[tuple[PayloadKey, ...], NoDecode, BeforeValidator(_split_payload_keys)] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the arguments and the environment, with secrets read from files where it names files.

        Raises:
            SettingsError: A file cannot be read or is empty, or its variable is set too.
        """
        if isinstance(env_settings, EnvSettingsSource):
            env_settings.env_vars = _with_files(env_settings.env_vars, cls.secret_variables)
        return init_settings, env_settings

    @classmethod
    def load(cls) -> Self:
        """Read the environment variables. Raises `SettingsError`, which names each wrong variable."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_sentence(problem) for problem in error.errors())) from None
        except pydantic_settings.SettingsError:
            # a variable ODOO would be read as JSON
            raise SettingsError(
                "ODOO must not be set; the settings of an environment's Odoo are ODOO__{NAME}__URL and so on"
            ) from None


def _with_files(variables: Mapping[str, str | None], secret: str) -> dict[str, str | None]:
    """Return the variables, those of secrets replaced by the content of the files that their `_FILE` names."""
    found = dict(variables)
    for variable, path in variables.items():
        name = variable.removesuffix("_file")
        if name == variable or not re.fullmatch(secret, name.upper()):
            continue
        # an environment's Odoo has no field of this name
        del found[variable]
        if not path:
            continue
        if variables.get(name):
            raise SettingsError(f"{name.upper()} and {variable.upper()} must not both be set") from None
        found[name] = _read(Path(path), variable.upper())
    return found


def _read(file: Path, variable: str) -> str:
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"{variable} is wrong: the file cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} is wrong: the file is not text") from None
    if not text.strip():
        # an empty file is a mistake: unset, some secrets switch their protection off
        raise SettingsError(f"{variable} is wrong: the file is empty") from None
    return text


def _sentence(problem: Any) -> str:
    variable = "__".join(str(part) for part in problem["loc"]).upper()
    if problem["type"] == "missing":
        return f"{variable} must be set"
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not variable:
        # of several variables, which it names
        return message
    return f"{variable} {message}" if message.startswith("must ") else f"{variable} is wrong: {message}"
