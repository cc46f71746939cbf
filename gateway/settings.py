"""The gateway's settings."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from gateway.api_keys import ApiKey, parse_api_keys
from quotation.environment import Environment
from runtime.serving.listener import is_loopback
from runtime.settings import EnvironmentSettings, Settings, blank_is_unset

DEVELOPMENT_SECRET = "every-checkout-has-this-one"  # noqa: S105  # public, and refused if there are keys
"""The `TRACKING_SECRET` of a gateway without keys."""

_SEGMENT = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+"
_PREFIX = re.compile(f"(?:{_SEGMENT})*")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:[0-9]{1,5})?", re.ASCII)
# a voice agent may hold a hundred conversations with one key, and ask for a status every few seconds in each
_USUAL_LIMIT = 6000
_CODEC_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
_LABELS = {"dev": "development", "prod": "production"}


def _blank_is_on(value: object) -> object:
    return True if value == "" else value


def _blank_is_off(value: object) -> object:
    return False if value == "" else value


def _blank_is_usual_limit(value: object) -> object:
    return _USUAL_LIMIT if value == "" else value


def _blank_is_loopback(value: object) -> object:
    return value or "127.0.0.1"


def _split_keys(value: object) -> object:
    return parse_api_keys(value) if isinstance(value, str) else value


def _split_hosts(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [host.strip().lower() for host in value.split(",") if host.strip()]


def _check_hosts(hosts: list[str]) -> list[str]:
    matches = [_HOST.fullmatch(host) for host in hosts]
    if not all(matches):
        raise ValueError("must be a comma-separated list of host names without a scheme or a path")
    # clients name a port in the Host header unless it is the usual one; any port will do
    return [match["name"] for match in matches if match]


def check_path_prefix(text: str) -> str:
    """Return a path prefix with a leading and no trailing slash, or an empty text for none.

    Raises:
        ValueError: It is not a path, or it would lead clients to another host.
    """
    prefix = text.strip().rstrip("/")
    prefix = f"/{prefix}" if prefix and not prefix.startswith("/") else prefix
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("must be a path such as /quotations")
    return prefix


def check_public_url(text: str) -> str:
    """Return the URL unchanged, because tokens are compared with it character by character.

    Raises:
        ValueError: It is not https, which is required of everything but loopback.
    """
    url = HttpUrl(text)
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("must be a URL without credentials or parameters")
    if url.scheme != "https" and not is_loopback(urlsplit(text).hostname or ""):
        raise ValueError("must be https, so that nobody can tamper with its answers and forge tokens")
    return text


def _check_web_address(text: str) -> str:
    HttpUrl(text)
    return text.rstrip("/")


def _origin_of(web_address: str) -> str:
    # as browsers do, pydantic drops a usual port and writes the host in lower case and ASCII
    parts = urlsplit(str(HttpUrl(web_address)))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _check_codec_key(key: SecretStr) -> SecretStr:
    # it is a part of an address
    if not _CODEC_KEY.fullmatch(key.get_secret_value()):
        raise ValueError("must be 16 to 128 letters, digits, '-' and '_'")
    return key


def _split_audiences(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(audience.strip() for audience in value.split(",") if audience.strip())


def _check_audiences(audiences: tuple[str, ...]) -> tuple[str, ...]:
    for audience in audiences:
        if any(character.isspace() for character in audience):
            raise ValueError("must be a comma-separated list of audiences without spaces")
        if _is_web_address(audience):
            check_public_url(audience)
    return audiences


def _is_web_address(audience: str) -> bool:
    return urlsplit(audience).scheme in ("http", "https")


def _missing() -> PydanticCustomError:
    return PydanticCustomError("missing", "must be set")


_OptionalPublicUrl = Annotated[
    Annotated[str, AfterValidator(check_public_url)] | None, BeforeValidator(blank_is_unset)
]


class GatewaySettings(Settings):
    """Settings of `python -m gateway`."""

    secret_variables = rf"{Settings.secret_variables}|GATEWAY_API_KEYS?|TRACKING_SECRET|CODEC_KEY"

    odoo: dict[str, EnvironmentSettings] = Field(default_factory=dict)
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(8000, ge=0, le=65535)
    gateway_public_hosts: Annotated[
        list[str], NoDecode, BeforeValidator(_split_hosts), AfterValidator(_check_hosts)
    ] = Field(default_factory=list)
    gateway_root_path: Annotated[str, AfterValidator(check_path_prefix)] = ""
    forwarded_allow_ips: Annotated[str, BeforeValidator(_blank_is_loopback)] = "127.0.0.1"
    gateway_api_keys: Annotated[tuple[ApiKey, ...], NoDecode, BeforeValidator(_split_keys)] = ()
    gateway_api_key: Annotated[SecretStr | None, BeforeValidator(blank_is_unset)] = None
    gateway_mcp_tasks: Annotated[bool, BeforeValidator(_blank_is_on)] = Field(
        default=True, description="Whether clients that declare MCP's tasks extension get quotations as tasks."
    )
    gateway_rate_limit: Annotated[int, BeforeValidator(_blank_is_usual_limit)] = Field(
        _USUAL_LIMIT, ge=0, description="Requests a minute of one caller; 0 for no limit."
    )
    gateway_oauth_issuer: _OptionalPublicUrl = None
    gateway_oauth_audience: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split_audiences), AfterValidator(_check_audiences)
    ] = Field((), validate_default=True)
    gateway_oauth_jwks_url: _OptionalPublicUrl = None
    temporal_show_customers: Annotated[bool, BeforeValidator(_blank_is_off)] = Field(
        default=False, description="Whether the lists of Temporal's UI show the names of customers."
    )
    temporal_ui_url: Annotated[
        Annotated[str, AfterValidator(_check_web_address)] | None, BeforeValidator(blank_is_unset)
    ] = Field(None, description="Where operators open Temporal's pages.")
    tracking_secret: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), validate_default=True)
    codec_key: Annotated[
        Annotated[SecretStr, AfterValidator(_check_codec_key)] | None, BeforeValidator(blank_is_unset)
    ] = Field(None, description="The key of the codec of Temporal's UI.")

    @field_validator("odoo", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return value or {}

    @field_validator("gateway_api_keys")
    @classmethod
    def _open_what_exists(cls, keys: tuple[ApiKey, ...], info: ValidationInfo) -> tuple[ApiKey, ...]:
        known = info.data.get("environments")
        if known and any(key.environments and not key.environments <= set(known) for key in keys):
            raise ValueError("it names an environment that is not in ENVIRONMENTS")
        return keys

    @field_validator("gateway_oauth_audience", "gateway_oauth_jwks_url")
    @classmethod
    def _belong_to_an_issuer(cls, value: Any, info: ValidationInfo) -> Any:
        has_issuer = info.data.get("gateway_oauth_issuer") is not None
        if has_issuer and not value and info.field_name == "gateway_oauth_audience":
            raise _missing()
        if value and not has_issuer:
            raise ValueError("it has no effect without GATEWAY_OAUTH_ISSUER")
        return value

    @field_validator("tracking_secret", mode="before")
    @classmethod
    def _blank_is_development(cls, value: Any) -> Any:
        return value or DEVELOPMENT_SECRET

    @field_validator("tracking_secret")
    @classmethod
    def _require_secret_if_callers_are_known(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        knows_callers = info.data.get("gateway_api_keys") or info.data.get("gateway_oauth_issuer")
        if knows_callers and secret.get_secret_value() == DEVELOPMENT_SECRET:
            raise _missing()
        return secret

    @property
    def knows_callers(self) -> bool:
        """Whether callers need a key or a token; otherwise everyone who reaches the gateway may do everything."""
        return bool(self.gateway_api_keys or self.gateway_oauth_issuer)

    @property
    def shows_customers(self) -> bool:
        """Whether summaries in Temporal name the customer; with `PAYLOAD_KEYS` they are encrypted."""
        return self.temporal_show_customers or bool(self.payload_keys)

    @property
    def temporal_ui_origin(self) -> str | None:
        """The origin of Temporal's pages, as browsers send it."""
        return None if self.temporal_ui_url is None else _origin_of(self.temporal_ui_url)

    @property
    def oauth_resource(self) -> str | None:
        """The gateway's own URL as clients with tokens know it: the first audience that is one."""
        return next(filter(_is_web_address, self.gateway_oauth_audience), None)

    @property
    def configured_environments(self) -> tuple[Environment, ...]:
        """The environments of `ENVIRONMENTS` with their labels, in the same order."""
        return tuple(Environment(name, self._label_of(name)) for name in self.environments)

    def _label_of(self, name: str) -> str:
        environment = self.odoo.get(name)
        return (environment and environment.label) or _LABELS.get(name, name)
