"""The checks of a worker that starts (see `runtime.startup`); each returns what is wrong, or None."""

from activities.checks import CheckActivities
from log_store import LogStore, LogStoreError
from odoo_client import Odoo, OdooError, OdooUnavailableError


async def check_odoo(environment: str, odoo: Odoo, lang: str | None) -> str | None:
    """Return what keeps an environment's quotations out of Odoo: address, login, rights or language."""
    request_checks = CheckActivities(odoo, lang)
    looks = (
        (("URL",), odoo.major_version),
        (("DB", "USERNAME", "PASSWORD"), odoo.login),
        (("USERNAME",), request_checks.authenticate),
        (("LANG",), request_checks.check_language),
    )
    for names, look in looks:
        try:
            await look()
        except OdooUnavailableError as error:
            return _finding([f"ODOO__{environment.upper()}__URL"], error)
        except OdooError as error:
            return _finding([f"ODOO__{environment.upper()}__{name}" for name in names], error)
    return None


async def check_bucket(store: LogStore) -> str | None:
    """Return what keeps logs out of S3, or what makes it unsafe to write them."""
    try:
        await store.check_bucket()
    except LogStoreError as error:
        return _finding(["S3_BUCKET", "AWS_*"], error)
    return None


async def check_folder(store: LogStore) -> str | None:
    """Return what keeps logs out of the local folder, if one is set."""
    try:
        await store.check_folder()
    except LogStoreError as error:
        return _finding(["LOG_DIR"], error)
    return None


def _finding(variables: list[str], error: Exception) -> str:
    *others, last = variables
    names = f"{', '.join(others)} or {last}" if others else last
    return f"{names} may be wrong: {error}"
