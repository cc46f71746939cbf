import os

import pytest

from runtime.proxy import check_proxy, proxy_of_environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "https://odoo.test", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://odoo.test", "http://p:1"),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "https://odoo.test", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://odoo.test:8069", None),
        ({"HTTP_PROXY": "p:1"}, "http://odoo.test:8069", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://odoo.test:8069", "http://p:1"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "http://p:1"}, "https://odoo.test", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other.test,.odoo.test"}, "https://erp.odoo.test", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "odoo.test"}, "https://odoo.test", None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, "https://odoo.test", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "odoo.test:8443"}, "https://odoo.test:8443", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "doo.test"}, "https://odoo.test", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://localhost:8069", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://odoo.localhost:8069", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.0.0.2:8069", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://[::1]:8069", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://10.0.0.1:8069", "http://p:1"),
    ],
)
def test_the_usual_variables(
    environment: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert proxy_of_environment(url) == proxy


@pytest.mark.parametrize(
    "text", ["socks5://p:1", "http://", "http://p:x", "ftp://p:1", "http://robot:pa55@:1", "p:0"]
)
def test_another_kind_of_proxy_is_refused_without_its_password(environment: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(ValueError, match=r"\Amust be the URL of an HTTP proxy\Z"):
        check_proxy(text)
    environment.setenv("HTTPS_PROXY", text)
    with pytest.raises(ValueError, match=r"\AHTTPS_PROXY or ALL_PROXY must be the URL of an HTTP proxy\Z"):
        proxy_of_environment("https://odoo.test")
