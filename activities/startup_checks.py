"""The checks of a worker that starts (see `runtime.startup`); each returns what is wrong, or None."""

import logging
from collections.abc import Sequence

from activities.report import Finding, Kind, OdooInspection, inspect_bucket, inspect_folder
from log_store import LogStore

logger = logging.getLogger(__name__)


class OdooCheck:
    """Checks the Odoo of an environment, and logs everything else that it finds there once."""

    def __init__(self, inspection: OdooInspection) -> None:
        self._inspection = inspection
        self._logged: set[Finding] = set()

    async def __call__(self) -> str | None:
        """Return what keeps an environment's quotations from completing: address, login, rights or settings."""
        findings = await self._inspection.findings()
        for finding in findings:
            if finding.kind is not Kind.PROBLEM and finding not in self._logged:
                self._logged.add(finding)
                level = logging.INFO if finding.kind is Kind.OK else logging.WARNING
                logger.log(level, "%s", finding.sentence)
        return _problems(findings)


async def check_bucket(store: LogStore) -> str | None:
    """Return what keeps logs out of S3, or what makes it unsafe to write them."""
    return _problems([await inspect_bucket(store)])


async def check_folder(store: LogStore) -> str | None:
    """Return what keeps logs out of the local folder, if one is set."""
    return _problems([await inspect_folder(store)])


def _problems(findings: Sequence[Finding]) -> str | None:
    return " ".join(finding.sentence for finding in findings if finding.kind is Kind.PROBLEM) or None
