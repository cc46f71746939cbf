from pathlib import Path

import pytest

from activities.settings import WorkerSettings
from odoo_client import Json2Odoo
from runtime.settings import SettingsError
from tests.unit.conftest import SECRET, SetVariables, sentence
from worker import create_odoo

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


def test_a_worker_has_the_documented_defaults(variables: SetVariables) -> None:
    variables(**DEV)
    settings = WorkerSettings.load()
    odoo = settings.odoo_of("dev")
    assert settings.environments == ["dev"]
    assert (settings.s3_bucket, settings.s3_prefix, settings.log_dir) == ("ilagentslogs", "mcp-odoo-logs", None)
    assert settings.s3_server_side_encryption is None
    assert (odoo.url, odoo.db, odoo.username) == ("http://odoo.test:8069", "acme", "robot")
    assert odoo.credentials().password == SECRET
    assert (odoo.timeout, odoo.max_calls, odoo.lang, odoo.label) == (30, 8, None, None)


def test_every_variable_of_a_worker_is_read(variables: SetVariables) -> None:
    variables(
        **DEV,
        ODOO__DEV__TIMEOUT="2.5",
        ODOO__DEV__MAX_CALLS="3",
        ODOO__DEV__LANG="es_MX",
        ODOO__DEV__COMPANY="Acme Norte",
        ODOO__DEV__DEFAULTS='{"sale.order": {"x_giro": "Comercio"}}',
        S3_BUCKET="logs",
        S3_PREFIX="quotations/dev",
        S3_SERVER_SIDE_ENCRYPTION="aws:kms",
        LOG_DIR="/var/log/quotations",
    )
    settings = WorkerSettings.load()
    odoo = settings.odoo_of("dev")
    assert (odoo.timeout, odoo.max_calls, odoo.lang) == (2.5, 3, "es_MX")
    assert (odoo.company, odoo.defaults) == ("Acme Norte", {"sale.order": {"x_giro": "Comercio"}})
    assert (settings.s3_bucket, settings.s3_prefix) == ("logs", "quotations/dev")
    assert settings.s3_server_side_encryption == "aws:kms"
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


def test_a_company_may_be_an_id(variables: SetVariables) -> None:
    variables(**DEV, ODOO__DEV__COMPANY="3", ODOO__DEV__DEFAULTS="")
    odoo = WorkerSettings.load().odoo_of("dev")
    assert (odoo.company, odoo.defaults) == ("3", {})


@pytest.mark.parametrize(
    "text", ["12345678", "true", "null", "[1]", '{"a": 1}', "1e5", '"quoted"', " x ", "ñandú"]
)
def test_texts_are_taken_as_they_are(variables: SetVariables, text: str) -> None:
    variables(**DEV | {"ODOO__DEV__PASSWORD": text, "ODOO__DEV__DB": text, "ODOO__DEV__USERNAME": text})
    odoo = WorkerSettings.load().odoo_of("dev")
    assert (odoo.credentials().password, odoo.db, odoo.username) == (text, text, text)


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


# in one order: test processes refuse to share tests that each orders otherwise
@pytest.mark.parametrize("name", sorted(DEV.keys() - {"ODOO__DEV__PASSWORD"}))
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
        ("ODOO__DEV__MAX_PER_SECOND", "0"),
        ("ODOO__DEV__MAX_PER_SECOND", "-2.5"),
        ("ODOO__DEV__MAX_PER_SECOND", "many"),
        ("ODOO__DEV__MAX_CALLS", "0"),
        ("ODOO__DEV__MAX_CALLS", "-1"),
        ("ODOO__DEV__MAX_CALLS", "1.5"),
        ("ODOO__DEV__MAX_CALLS", "many"),
        ("ODOO__DEV__PASWORD", SECRET),
        ("ODOO__DEV", SECRET),
        ("ODOO", f'{{"dev": {SECRET}}}'),
        ("S3_BUCKET", ""),
        ("S3_SERVER_SIDE_ENCRYPTION", "rot13"),
        ("TEMPORAL_DEPLOYMENT_NAME", "quotations.prod"),
        ("TEMPORAL_DEPLOYMENT_NAME", "quotations:prod"),
        ("TEMPORAL_WORKER_BUILD_ID", "1 2"),
        ("TEMPORAL_WORKER_BUILD_ID", "x" * 101),
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


def test_links_have_the_public_address(variables: SetVariables) -> None:
    variables(
        **DEV,
        **PROD,
        ENVIRONMENTS="dev,prod",
        ODOO__DEV__PUBLIC_URL="https://erp.example/",
        ODOO__PROD__PUBLIC_URL="",
    )
    settings = WorkerSettings.load()
    dev, prod = settings.odoo_of("dev"), settings.odoo_of("prod")
    assert (dev.url, dev.url_of_links) == ("http://odoo.test:8069", "https://erp.example")
    assert prod.url_of_links == "https://erp.test"


def test_a_proxy_of_the_settings_wins(variables: SetVariables) -> None:
    variables(
        **DEV, **PROD, ENVIRONMENTS="dev,prod", HTTP_PROXY="http://env.test:1", http_proxy="http://env.test:1"
    )
    variables(https_proxy="http://env.test:2", ODOO__PROD__PROXY="", no_proxy="", NO_PROXY="")
    settings = WorkerSettings.load()
    assert settings.odoo_of("dev").proxy_url() == "http://env.test:1"
    assert settings.odoo_of("prod").proxy_url() == "http://env.test:2"

    variables(ODOO__DEV__PROXY=f"robot:{SECRET}@proxy.test:3128")
    odoo = WorkerSettings.load().odoo_of("dev")
    assert odoo.proxy_url() == f"http://robot:{SECRET}@proxy.test:3128"
    assert SECRET not in repr(odoo)


def test_a_proxy_of_another_kind_is_refused(variables: SetVariables) -> None:
    variables(**DEV, ODOO__DEV__PROXY=f"socks5://robot:{SECRET}@proxy.test:1080")
    assert sentence(WorkerSettings) == "ODOO__DEV__PROXY must be the URL of an HTTP proxy"

    variables(ODOO__DEV__PROXY="", http_proxy=f"socks5://robot:{SECRET}@proxy.test:1080", no_proxy="", NO_PROXY="")
    with pytest.raises(SettingsError, match=r"^HTTP_PROXY or ALL_PROXY must be the URL of an HTTP proxy$"):
        WorkerSettings.load().odoo_of("dev").proxy_url()


@pytest.mark.parametrize(
    "text",
    [f"{{{SECRET}", f'["{SECRET}"]', f'{{"sale.order": "{SECRET}"}}', f'{{"account.move": {{"x": "{SECRET}"}}}}'],
)
def test_wrong_defaults_are_told_without_their_values(variables: SetVariables, text: str) -> None:
    variables(**DEV, ODOO__DEV__DEFAULTS=text)
    assert "ODOO__DEV__DEFAULTS" in sentence(WorkerSettings).upper()


KEY = {name: value for name, value in DEV.items() if name != "ODOO__DEV__PASSWORD"} | {
    "ODOO__DEV__API_KEY": SECRET
}


def test_an_api_key_takes_the_place_of_the_password(variables: SetVariables) -> None:
    variables(**KEY, ODOO__DEV__PASSWORD="")
    odoo = WorkerSettings.load().odoo_of("dev")
    assert odoo.credentials().password == SECRET
    assert SECRET not in repr(odoo)
    assert isinstance(create_odoo(odoo), Json2Odoo)


def test_an_api_key_may_be_in_a_file(variables: SetVariables, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    variables(**KEY | {"ODOO__DEV__API_KEY": ""}, ODOO__DEV__API_KEY_FILE=str(file))
    assert WorkerSettings.load().odoo_of("dev").credentials().password == SECRET


def test_a_password_beside_an_api_key_is_refused(variables: SetVariables) -> None:
    variables(**KEY | DEV)
    assert sentence(WorkerSettings) == "ODOO__DEV__PASSWORD and ODOO__DEV__API_KEY must not both be set"


def test_a_password_or_an_api_key_is_required(variables: SetVariables) -> None:
    variables(**KEY | {"ODOO__DEV__API_KEY": ""})
    assert sentence(WorkerSettings) == "ODOO__DEV__PASSWORD or ODOO__DEV__API_KEY must be set"


@pytest.mark.parametrize("key", [f"{SECRET} x", f"{SECRET}\n", f"ñ{SECRET}"])
def test_an_api_key_that_no_header_can_carry_is_refused(variables: SetVariables, key: str) -> None:
    variables(**KEY | {"ODOO__DEV__API_KEY": key})
    assert sentence(WorkerSettings) == "ODOO__DEV__API_KEY must be an API key as Odoo showed it, without spaces"
