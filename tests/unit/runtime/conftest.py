import os
from collections.abc import Callable

import pytest

SetVariables = Callable[..., None]

_OURS = ("ODOO", "ENVIRONMENTS", "S3_", "LOG_DIR", "GATEWAY_", "TRACKING_", "PAYLOAD_")


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> SetVariables:
    """Set environment variables for this test, in which none of ours is set otherwise."""
    for name in os.environ:
        if name.upper().startswith(_OURS):
            monkeypatch.delenv(name)

    def set_variables(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_variables
