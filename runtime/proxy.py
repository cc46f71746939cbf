"""The HTTP proxy between this process and another service, from the usual environment variables."""

import ipaddress
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

_SCHEMES = ("http", "https")


def check_proxy(text: str) -> str:
    """Return the URL of an HTTP proxy; without a scheme it is `http`. Raise `ValueError` for anything else."""
    url = text if "://" in text else f"http://{text}"
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or not _has_good_port(parts):
        raise ValueError("must be the URL of an HTTP proxy")
    return url


def proxy_of_environment(url: str) -> str | None:
    """Return the proxy for an address: that of its scheme in `HTTPS_PROXY` or `HTTP_PROXY`, or `ALL_PROXY`.

    The names may be in lower case, which wins. `NO_PROXY` and this machine's own addresses have none.

    Raises:
        ValueError: The variable does not hold the URL of an HTTP proxy.

    """
    parts = urlsplit(url)
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return None
    try:
        return check_proxy(proxy)
    except ValueError:
        # the URL may hold a password
        raise ValueError(f"{parts.scheme.upper()}_PROXY or ALL_PROXY must be the URL of an HTTP proxy") from None


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
