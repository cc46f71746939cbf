import json

import pytest

from gateway.service import audit
from gateway.service.callers import Caller
from runtime.logs.ids import current_request_id


def test_an_audit_line_names_who_did_what_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    token = current_request_id.set("r-1")
    audit.record("cancel", Caller("oauth:ana\u2028b", frozenset({"dev"})), "dev", "quot_0123456789ab", "bob")
    current_request_id.reset(token)

    (record,) = caplog.records
    entry = json.loads(record.getMessage())
    assert record.name == "gateway.audit"
    assert len(record.getMessage().splitlines()) == 1
    assert entry.pop("time")
    assert entry == {
        "action": "cancel",
        "owner": "oauth:ana\u2028b",
        "environment": "dev",
        "tracking_id": "quot_0123456789ab",
        "quotation_owner": "bob",
        "request_id": "r-1",
    }
