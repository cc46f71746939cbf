import pytest

from gateway.api_keys import ApiKey, digest_of
from gateway.settings import DEVELOPMENT_SECRET, GatewaySettings
from quotation.environment import Environment
from tests.unit.activities.test_settings import DEV, PROD
from tests.unit.conftest import SECRET, SetVariables, sentence


def test_a_gateway_needs_no_variable(variables: SetVariables) -> None:
    variables()
    settings = GatewaySettings.load()
    assert settings.environments == ["dev"]
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8000)
    assert settings.configured_environments == (Environment("dev", "development"),)


def test_a_gateway_may_be_started_with_a_workers_variables(variables: SetVariables) -> None:
    variables(**DEV, **PROD, ENVIRONMENTS="dev,prod", ODOO__DEV__TIMEOUT="30", S3_BUCKET="logs", LOG_DIR="/tmp/x")  # noqa: S108  # nothing is written there
    settings = GatewaySettings.load()
    assert [environment.label for environment in settings.configured_environments] == ["development", "production"]
    assert SECRET not in repr(settings)


def test_a_gateway_keeps_no_password(variables: SetVariables) -> None:
    variables(**DEV)
    assert SECRET not in GatewaySettings.load().model_dump_json()


@pytest.mark.parametrize(
    ("environment", "label", "shown"),
    [
        ("dev", None, "development"),
        ("prod", None, "production"),
        ("staging", None, "staging"),
        ("dev", "Pruebas", "Pruebas"),
        ("prod", "2026", "2026"),
        ("dev", "", "development"),
    ],
)
def test_results_show_the_label(variables: SetVariables, environment: str, label: str | None, shown: str) -> None:
    variables(ENVIRONMENTS="dev,prod,staging")
    if label is not None:
        variables(**{f"ODOO__{environment.upper()}__LABEL": label})
    labels = {known.name: known.label for known in GatewaySettings.load().configured_environments}
    assert labels[environment] == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PORT", "65536"),
        ("GATEWAY_PORT", "-1"),
        ("GATEWAY_PORT", "http"),
        ("GATEWAY_PORT", "80.5"),
        ("ENVIRONMENTS", "dev,dev"),
        ("ODOO__DEV", SECRET),
        ("ODOO", SECRET),
    ],
)
def test_a_gateways_wrong_variable_is_named_and_its_value_is_not(
    variables: SetVariables, name: str, value: str
) -> None:
    variables(**{name: value})
    assert name in sentence(GatewaySettings)


# who may use the gateway

KEYED = {"ENVIRONMENTS": "dev,prod", "TRACKING_SECRET": "tracking-secret"}
ISSUED = {"GATEWAY_OAUTH_ISSUER": "https://id.test/", "GATEWAY_OAUTH_AUDIENCE": "https://quotations.test/mcp"}


def test_without_keys_callers_are_not_told_apart(variables: SetVariables) -> None:
    blank = (
        "API_KEYS",
        "API_KEY",
        "PUBLIC_HOSTS",
        "RATE_LIMIT",
        "OAUTH_ISSUER",
        "OAUTH_AUDIENCE",
        "OAUTH_JWKS_URL",
        "MCP_TASKS",
    )
    variables(TRACKING_SECRET="", TEMPORAL_SHOW_CUSTOMERS="", **{f"GATEWAY_{name}": "" for name in blank})
    settings = GatewaySettings.load()
    assert not settings.knows_callers
    assert (settings.gateway_api_keys, settings.gateway_api_key) == ((), None)
    assert settings.tracking_secret.get_secret_value() == DEVELOPMENT_SECRET
    assert (settings.gateway_public_hosts, settings.gateway_rate_limit) == ([], 6000)
    assert settings.gateway_mcp_tasks
    assert not settings.shows_customers


def test_keys_are_read_with_their_rights(variables: SetVariables) -> None:
    variables(**KEYED, GATEWAY_API_KEYS="ana:k-1, bo.b-2@x:k=/+2:DEV+prod ,ana:k-3:dev:all,op:k-4:dev:operate,")
    settings = GatewaySettings.load()
    assert settings.knows_callers
    assert settings.gateway_api_keys == (
        ApiKey("ana", digest_of("k-1"), None, reads_all=False),
        ApiKey("bo.b-2@x", digest_of("k=/+2"), frozenset({"dev", "prod"}), reads_all=False),
        ApiKey("ana", digest_of("k-3"), frozenset({"dev"}), reads_all=True),
        ApiKey("op", digest_of("k-4"), frozenset({"dev"}), reads_all=True, operates=True),
    )


def test_no_text_of_the_settings_shows_a_key(variables: SetVariables) -> None:
    variables(**KEYED | {"TRACKING_SECRET": SECRET}, GATEWAY_API_KEYS=f"ana:{SECRET}", GATEWAY_API_KEY=SECRET)
    settings = GatewaySettings.load()
    for text in (repr(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert SECRET not in text
    assert digest_of(SECRET) not in repr(settings)


@pytest.mark.parametrize(
    "keys",
    [
        SECRET,
        f"{SECRET}:",
        f"ana:{SECRET},{SECRET}",
        f":{SECRET}",
        "ana:",
        "ana::dev",
        " , ",
        f"año:{SECRET}",
        f"a b:{SECRET}",
        f"-a:{SECRET}",
        f"ana:{SECRET} x",
        f"ana:{SECRET}ñ",
        f"ana:{SECRET}:staging",
        f"ana:{SECRET}:dev+",
        f"ana:{SECRET}:",
        f"ana:{SECRET}::all",
        f"ana:{SECRET}:dev:some",
        f"ana:{SECRET}:dev:",
        f"ana:{SECRET}:dev:all:more",
        f"ana:{SECRET},bob:{SECRET}",
        f"ana:{SECRET}:dev,ana:{SECRET}:prod",
    ],
)
def test_wrong_keys_are_told_without_them(variables: SetVariables, keys: str) -> None:
    variables(**KEYED, GATEWAY_API_KEYS=keys)
    told = sentence(GatewaySettings)
    assert told.startswith(
        ("GATEWAY_API_KEYS is wrong: entry ", "GATEWAY_API_KEYS is wrong: it ", "GATEWAY_API_KEYS must ")
    )
    assert "ana" not in told


@pytest.mark.parametrize("tells_apart", [{"GATEWAY_API_KEYS": f"ana:{SECRET}"}, ISSUED])
@pytest.mark.parametrize("secret", [{}, {"TRACKING_SECRET": ""}, {"TRACKING_SECRET": DEVELOPMENT_SECRET}])
def test_where_callers_are_told_apart_the_tracking_secret_is_one(
    variables: SetVariables, tells_apart: dict[str, str], secret: dict[str, str]
) -> None:
    variables(**tells_apart, **secret)
    assert sentence(GatewaySettings) == "TRACKING_SECRET must be set"


def test_public_hosts_are_names_without_ports(variables: SetVariables) -> None:
    variables(GATEWAY_PUBLIC_HOSTS="Quotations.Example.com, localhost:8000,[::1]:80,10.0.0.1")
    assert GatewaySettings.load().gateway_public_hosts == [
        "quotations.example.com",
        "localhost",
        "[::1]",
        "10.0.0.1",
    ]


def test_an_issuer_is_taken_as_it_is_written(variables: SetVariables) -> None:
    variables(**KEYED, **ISSUED, GATEWAY_OAUTH_JWKS_URL="http://127.0.0.1:81/keys")
    settings = GatewaySettings.load()
    assert settings.knows_callers
    assert settings.gateway_oauth_issuer == "https://id.test/"
    assert settings.gateway_oauth_audience == ("https://quotations.test/mcp",)
    assert settings.gateway_oauth_jwks_url == "http://127.0.0.1:81/keys"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PUBLIC_HOSTS", "https://quotations.test"),
        ("GATEWAY_PUBLIC_HOSTS", "quotations.test/mcp"),
        ("GATEWAY_PUBLIC_HOSTS", "*.test"),
        ("GATEWAY_PUBLIC_HOSTS", "a b"),
        ("GATEWAY_MCP_TASKS", "perhaps"),
        ("GATEWAY_ROOT_PATH", "https://quotations.test"),
        ("GATEWAY_ROOT_PATH", "/a//b"),
        ("GATEWAY_ROOT_PATH", "/a/.."),
        ("GATEWAY_ROOT_PATH", "/a b"),
        ("GATEWAY_RATE_LIMIT", "-1"),
        ("GATEWAY_RATE_LIMIT", "many"),
        ("GATEWAY_OAUTH_ISSUER", "id.test"),
        ("GATEWAY_OAUTH_ISSUER", "http://id.test"),
        ("GATEWAY_OAUTH_ISSUER", f"https://{SECRET}@id.test"),
        ("GATEWAY_OAUTH_ISSUER", "https://id.test?x=1"),
        ("GATEWAY_OAUTH_AUDIENCE", ""),
        ("GATEWAY_OAUTH_AUDIENCE", " , "),
        ("GATEWAY_OAUTH_AUDIENCE", "api://quotations and more"),
        ("GATEWAY_OAUTH_AUDIENCE", "api://quotations,http://quotations.test"),
        ("GATEWAY_OAUTH_JWKS_URL", "http://id.test/keys"),
    ],
)
def test_a_wrong_setting_of_the_access_is_named_and_not_shown(
    variables: SetVariables, name: str, value: str
) -> None:
    variables(**KEYED | ISSUED | {name: value})
    assert name in sentence(GatewaySettings)


@pytest.mark.parametrize(
    ("value", "audiences", "resource"),
    [
        ("https://q.test/mcp/", ("https://q.test/mcp/",), "https://q.test/mcp/"),
        (" api://q , https://q.test/mcp,", ("api://q", "https://q.test/mcp"), "https://q.test/mcp"),
        ("6f9619ff-8b86-d011-b42d-00c04fc964ff", ("6f9619ff-8b86-d011-b42d-00c04fc964ff",), None),
    ],
)
def test_the_first_audience_that_is_a_url_is_the_resource(
    variables: SetVariables, value: str, audiences: tuple[str, ...], resource: str | None
) -> None:
    variables(**KEYED | ISSUED | {"GATEWAY_OAUTH_AUDIENCE": value})
    settings = GatewaySettings.load()
    assert (settings.gateway_oauth_audience, settings.oauth_resource) == (audiences, resource)


@pytest.mark.parametrize("name", ["GATEWAY_OAUTH_AUDIENCE", "GATEWAY_OAUTH_JWKS_URL"])
def test_an_issuer_s_settings_need_the_issuer(variables: SetVariables, name: str) -> None:
    variables(**{name: "https://quotations.test/mcp"})
    assert sentence(GatewaySettings) == f"{name} is wrong: it has no effect without GATEWAY_OAUTH_ISSUER"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://temporal.example", "https://temporal.example"),
        ("https://Temporal.Example:443/ui/", "https://temporal.example"),
        ("http://user@localhost:8233", "http://localhost:8233"),
        ("http://[::1]:8233", "http://[::1]:8233"),
        ("", None),
    ],
)
def test_the_origin_of_temporals_pages(variables: SetVariables, address: str, origin: str | None) -> None:
    variables(TEMPORAL_UI_URL=address)
    assert GatewaySettings.load().temporal_ui_origin == origin


@pytest.mark.parametrize("key", [SECRET[:8], f"{SECRET}/{SECRET}", f"{SECRET} {SECRET}"])
def test_a_key_of_the_codec_fits_into_an_address(variables: SetVariables, key: str) -> None:
    variables(CODEC_KEY=key)
    said = sentence(GatewaySettings)
    assert said == "CODEC_KEY must be 16 to 128 letters, digits, '-' and '_'"


def test_a_blank_key_of_the_codec_is_none(variables: SetVariables) -> None:
    variables(CODEC_KEY="")
    assert GatewaySettings.load().codec_key is None
