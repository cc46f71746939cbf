"""Logs of a newer version: an older worker neither replaces a later one nor loses a part of an earlier one."""

import json
from pathlib import Path
from typing import Any

import pytest

from log_store import LogStore, LogStoreError
from quotation.document import Log
from quotation.status import State
from tests.unit.log_store.conftest import Bucket
from tests.unit.log_store.test_store import KEY, PREFIX, assert_is_clean, document

NEW = {"of_a_newer_version": {"at": [1, None, "x"]}}


def newer(second: float = 0, **fields: Any) -> bytes:
    content = json.loads(document(second).to_bytes())
    unknown = {"error": {"code": "credit_limit", "step": "approval"}, "steps": {"approval": NEW}}
    return json.dumps(content | unknown | NEW | {"status": "on_hold"} | fields).encode()


def put(bucket: Bucket, folder: Path, content: bytes) -> Path:
    bucket.put(KEY, content)
    file = folder / document().file_name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"request": "in another form"},
        {"result": None, "steps": []},
        {"status": "archived", "completed_at": "2025-12-22T15:30:09Z"},
    ],
    ids=["unknown fields and values", "another form", "no result", "another end"],
)
async def test_a_later_log_of_a_newer_version_is_not_replaced(
    bucket: Bucket, tmp_path: Path, fields: dict[str, Any]
) -> None:
    later = newer(9, **fields)
    file = put(bucket, tmp_path, later)
    await LogStore(bucket.name, PREFIX, tmp_path).write(document(5, State.COMPLETED))
    assert bucket.get(KEY) == file.read_bytes() == later


async def test_an_earlier_log_of_a_newer_version_leaves_its_unknown_fields(bucket: Bucket, tmp_path: Path) -> None:
    file = put(bucket, tmp_path, newer(1))
    mine = document(5, State.COMPLETED)
    await LogStore(bucket.name, PREFIX, tmp_path).write(mine)
    assert bucket.get(KEY) == file.read_bytes()
    assert json.loads(bucket.get(KEY)) == json.loads(mine.to_bytes()) | NEW | {"steps": {"approval": NEW}}


@pytest.mark.parametrize("missing", ["written_at", "created_at", "status"])
async def test_a_log_of_the_quotation_that_cannot_be_dated_is_left_to_a_newer_worker(
    bucket: Bucket, tmp_path: Path, missing: str
) -> None:
    unreadable = newer(9, **{missing: {"in": "another form"}})
    file = put(bucket, tmp_path, unreadable)
    with pytest.raises(LogStoreError, match="This version cannot read the existing log") as raised:
        await LogStore(bucket.name, PREFIX, tmp_path).write(document(20, State.COMPLETED))
    assert_is_clean(raised.value)
    assert bucket.get(KEY) == file.read_bytes() == unreadable


async def test_a_log_of_a_newer_version_is_written_without_loss(bucket: Bucket, tmp_path: Path) -> None:
    mine = Log.model_validate_json(newer(1))
    await LogStore(bucket.name, PREFIX, tmp_path).write(mine)
    assert json.loads(bucket.get(KEY)) == json.loads(newer(1))
