from pathlib import Path

import pytest

from runtime.api_keys import ApiKey, digest_of
from runtime.settings import DEVELOPMENT_SECRET, GatewaySettings, Settings, SettingsError, WorkerSettings
from tests.unit.runtime.conftest import SetVariables

SECRET = "hunter2-the-secret"

DEV = {
    "ODOO__DEV__URL": "http://odoo.test:8069",
    "ODOO__DEV__DB": "acme",
    "ODOO__DEV__USERNAME": "robot",
    "ODOO__DEV__PASSWORD": SECRET,
}
PROD = {
    "ODOO__PROD__URL": "https://erp.test/",
    "ODOO__PROD__DB": "acme_prod",
    "ODOO__PROD__USERNAME": "robot_prod",
    "ODOO__PROD__PASSWORD": "another-secret",
}


def sentence(settings: type[Settings]) -> str:
    """Give what the one who starts the process reads."""
    with pytest.raises(SettingsError) as raised:
        settings.load()
    text = str(raised.value)
    assert SECRET not in text
    assert "\n" not in text
    # its cause would hold the values
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    return text


# the worker's


def test_a_worker_has_the_contracts_defaults(variables: SetVariables) -> None:
    variables(**DEV)
    settings = WorkerSettings.load()
    odoo = settings.odoo_of("dev")
    assert settings.environments == ["dev"]
    assert (settings.s3_bucket, settings.s3_prefix, settings.log_dir) == ("ilagentslogs", "mcp-odoo-logs", None)
    assert (odoo.url, odoo.db, odoo.username) == ("http://odoo.test:8069", "acme", "robot")
    assert odoo.password.get_secret_value() == SECRET
    assert (odoo.timeout, odoo.max_calls, odoo.lang, odoo.label) == (30, 8, None, None)


def test_every_variable_of_a_worker_is_read(variables: SetVariables) -> None:
    variables(
        **DEV,
        ODOO__DEV__TIMEOUT="2.5",
        ODOO__DEV__MAX_CALLS="3",
        ODOO__DEV__LANG="es_MX",
        S3_BUCKET="logs",
        S3_PREFIX="quotations/dev",
        LOG_DIR="/var/log/quotations",
    )
    settings = WorkerSettings.load()
    odoo = settings.odoo_of("dev")
    assert (odoo.timeout, odoo.max_calls, odoo.lang) == (2.5, 3, "es_MX")
    assert (settings.s3_bucket, settings.s3_prefix) == ("logs", "quotations/dev")
    assert settings.log_dir == Path("/var/log/quotations")


def test_every_environment_has_its_own_odoo(variables: SetVariables) -> None:
    variables(**DEV, **PROD, ENVIRONMENTS="prod,dev")
    settings = WorkerSettings.load()
    assert settings.environments == ["prod", "dev"]
    assert [settings.odoo_of(name).db for name in settings.environments] == ["acme_prod", "acme"]
    assert settings.odoo_of("prod").url == "https://erp.test"


def test_names_of_variables_may_have_any_case(variables: SetVariables) -> None:
    variables(environments="Dev", **{name.lower(): value for name, value in DEV.items()})
    assert WorkerSettings.load().odoo_of("dev").db == "acme"


def test_a_name_of_several_words_names_its_variables(variables: SetVariables) -> None:
    mine = {name.replace("__DEV__", "__SAN_LUIS_2__"): value for name, value in DEV.items()}
    variables(**mine, ENVIRONMENTS="san_luis_2")
    assert WorkerSettings.load().odoo_of("san_luis_2").db == "acme"


@pytest.mark.parametrize(
    "text", ["12345678", "true", "null", "[1]", '{"a": 1}', "1e5", '"quoted"', " x ", "ñandú"]
)
def test_texts_are_taken_as_they_are(variables: SetVariables, text: str) -> None:
    variables(**DEV | {"ODOO__DEV__PASSWORD": text, "ODOO__DEV__DB": text, "ODOO__DEV__USERNAME": text})
    odoo = WorkerSettings.load().odoo_of("dev")
    assert (odoo.password.get_secret_value(), odoo.db, odoo.username) == (text, text, text)


@pytest.mark.parametrize("name", ["LANG", "LABEL"])
def test_an_empty_optional_variable_is_unset(variables: SetVariables, name: str) -> None:
    variables(**DEV, **{f"ODOO__DEV__{name}": ""}, LOG_DIR="")
    settings = WorkerSettings.load()
    assert getattr(settings.odoo_of("dev"), name.lower()) is None
    assert settings.log_dir is None


def test_an_environment_without_odoo_is_told_with_all_its_variables(variables: SetVariables) -> None:
    variables(**DEV, ENVIRONMENTS="dev,prod")
    with pytest.raises(SettingsError) as raised:
        WorkerSettings.load().odoo_of("prod")
    assert all(name in str(raised.value) for name in [*PROD, "ENVIRONMENTS"])
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", DEV)
def test_a_missing_variable_is_named(variables: SetVariables, name: str) -> None:
    variables(**{other: value for other, value in DEV.items() if other != name})
    assert sentence(WorkerSettings) == f"{name} must be set"


@pytest.mark.parametrize("name", DEV)
def test_an_empty_variable_is_named(variables: SetVariables, name: str) -> None:
    variables(**DEV | {name: ""})
    assert name in sentence(WorkerSettings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ODOO__DEV__URL", "odoo.test:8069"),
        ("ODOO__DEV__URL", "odoo"),
        ("ODOO__DEV__URL", "ftp://odoo.test"),
        ("ODOO__DEV__URL", "http://"),
        ("ODOO__DEV__URL", "http://odoo test"),
        ("ODOO__DEV__URL", "http://odoo.test:99999"),
        ("ODOO__DEV__URL", f"http://robot:{SECRET}@odoo.test"),
        ("ODOO__DEV__URL", f"http://{SECRET}@odoo.test"),
        ("ODOO__DEV__URL", f"http://odoo.test/?key={SECRET}"),
        ("ODOO__DEV__URL", f"http://odoo.test/#{SECRET}"),
        ("ODOO__DEV__TIMEOUT", "0"),
        ("ODOO__DEV__TIMEOUT", "-1"),
        ("ODOO__DEV__TIMEOUT", "soon"),
        ("ODOO__DEV__TIMEOUT", "nan"),
        ("ODOO__DEV__MAX_CALLS", "0"),
        ("ODOO__DEV__MAX_CALLS", "-1"),
        ("ODOO__DEV__MAX_CALLS", "1.5"),
        ("ODOO__DEV__MAX_CALLS", "many"),
        ("ODOO__DEV__PASWORD", SECRET),
        ("ODOO__DEV", SECRET),
        ("ODOO", f'{{"dev": {SECRET}}}'),
        ("S3_BUCKET", ""),
        ("ENVIRONMENTS", ""),
        ("ENVIRONMENTS", " , "),
        ("ENVIRONMENTS", "dev,dev"),
        ("ENVIRONMENTS", "dev,DEV"),
        ("ENVIRONMENTS", "de-v"),
        ("ENVIRONMENTS", "dev prod"),
        ("ENVIRONMENTS", "dev__x"),
        ("ENVIRONMENTS", "_dev"),
        ("ENVIRONMENTS", "dev_"),
        ("ENVIRONMENTS", "1dev"),
        ("ENVIRONMENTS", "año"),
        ("ENVIRONMENTS", "../x"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not(variables: SetVariables, name: str, value: str) -> None:
    variables(**DEV | {name: value})
    assert name in sentence(WorkerSettings)


def test_everything_that_is_wrong_is_told_at_once(variables: SetVariables) -> None:
    variables(**DEV | {"ODOO__DEV__URL": "x", "ODOO__DEV__TIMEOUT": "0"}, ENVIRONMENTS="a b")
    told = sentence(WorkerSettings)
    assert all(name in told for name in ("ODOO__DEV__URL", "ODOO__DEV__TIMEOUT", "ENVIRONMENTS"))


def test_no_text_of_the_settings_shows_the_password(variables: SetVariables) -> None:
    variables(**DEV)
    settings = WorkerSettings.load()
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())
    assert SECRET not in settings.model_dump_json()


def test_names_of_environments_are_small_letters_without_blanks(variables: SetVariables) -> None:
    variables(ENVIRONMENTS=" DEV, Prod ,,")
    assert GatewaySettings.load().environments == ["dev", "prod"]


# the gateway's


def test_a_gateway_needs_no_variable(variables: SetVariables) -> None:
    variables()
    settings = GatewaySettings.load()
    assert settings.environments == ["dev"]
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8000)
    assert settings.label_of("dev") == "development"


def test_a_gateway_may_be_started_with_a_workers_variables(variables: SetVariables) -> None:
    variables(**DEV, **PROD, ENVIRONMENTS="dev,prod", ODOO__DEV__TIMEOUT="30", S3_BUCKET="logs", LOG_DIR="/tmp/x")  # noqa: S108  # nothing is written there
    settings = GatewaySettings.load()
    assert [settings.label_of(name) for name in settings.environments] == ["development", "production"]
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
    assert GatewaySettings.load().label_of(environment) == shown


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
    variables(TRACKING_SECRET="", **{f"GATEWAY_{name}": "" for name in blank})
    settings = GatewaySettings.load()
    assert not settings.knows_callers
    assert (settings.gateway_api_keys, settings.gateway_api_key) == ((), None)
    assert settings.tracking_secret.get_secret_value() == DEVELOPMENT_SECRET
    assert (settings.gateway_public_hosts, settings.gateway_rate_limit) == ([], 6000)
    assert settings.gateway_mcp_tasks


def test_keys_are_read_with_their_rights(variables: SetVariables) -> None:
    variables(**KEYED, GATEWAY_API_KEYS="ana:k-1, bo.b-2@x:k=/+2:DEV+prod ,ana:k-3:dev:all,")
    settings = GatewaySettings.load()
    assert settings.knows_callers
    assert settings.gateway_api_keys == (
        ApiKey("ana", digest_of("k-1"), None, reads_all=False),
        ApiKey("bo.b-2@x", digest_of("k=/+2"), frozenset({"dev", "prod"}), reads_all=False),
        ApiKey("ana", digest_of("k-3"), frozenset({"dev"}), reads_all=True),
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
    assert told.startswith("GATEWAY_API_KEYS is wrong: ")
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
    assert settings.gateway_oauth_audience == "https://quotations.test/mcp"
    assert settings.gateway_oauth_jwks_url == "http://127.0.0.1:81/keys"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PUBLIC_HOSTS", "https://quotations.test"),
        ("GATEWAY_PUBLIC_HOSTS", "quotations.test/mcp"),
        ("GATEWAY_PUBLIC_HOSTS", "*.test"),
        ("GATEWAY_PUBLIC_HOSTS", "a b"),
        ("GATEWAY_MCP_TASKS", "perhaps"),
        ("GATEWAY_RATE_LIMIT", "-1"),
        ("GATEWAY_RATE_LIMIT", "many"),
        ("GATEWAY_OAUTH_ISSUER", "id.test"),
        ("GATEWAY_OAUTH_ISSUER", "http://id.test"),
        ("GATEWAY_OAUTH_ISSUER", f"https://{SECRET}@id.test"),
        ("GATEWAY_OAUTH_ISSUER", "https://id.test?x=1"),
        ("GATEWAY_OAUTH_AUDIENCE", ""),
        ("GATEWAY_OAUTH_AUDIENCE", "quotations"),
        ("GATEWAY_OAUTH_JWKS_URL", "http://id.test/keys"),
    ],
)
def test_a_wrong_setting_of_the_access_is_named_and_not_shown(
    variables: SetVariables, name: str, value: str
) -> None:
    variables(**KEYED | ISSUED | {name: value})
    assert name in sentence(GatewaySettings)


@pytest.mark.parametrize("name", ["GATEWAY_OAUTH_AUDIENCE", "GATEWAY_OAUTH_JWKS_URL"])
def test_an_issuer_s_settings_need_the_issuer(variables: SetVariables, name: str) -> None:
    variables(**{name: "https://quotations.test/mcp"})
    assert sentence(GatewaySettings) == f"{name} is wrong: means nothing without GATEWAY_OAUTH_ISSUER"
