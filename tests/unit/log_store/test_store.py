import asyncio
import itertools
import json
import random
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from log_store import LogStore, LogStoreError
from quotation.document import LogDocument
from quotation.identity import new_tracking_id
from quotation.status import Result, State
from sandbox.ports import free_port
from tests.support.requests import REQUEST, request
from tests.unit.log_store.conftest import Bucket
from tests.unit.log_store.policies import amazon, removed_before_first_read, without_right
from tests.unit.log_store.s3 import Front

START = datetime(2025, 12, 22, 15, 30, 0, 123456, tzinfo=UTC)
PREFIX = "mcp-odoo-logs"
PROXY_PAGE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n<html></html>"


def document(second: float = 0, status: State = State.QUEUED, **fields: Any) -> LogDocument:
    """A document as it was written so many seconds after the start."""
    defaults: dict[str, Any] = {
        "tracking_id": "quot_abc123def456",
        "environment": "development",
        "created_at": START,
        "completed_at": START + timedelta(seconds=second) if status.is_final else None,
        "elapsed_time": f"{second:.1f}s",
        "request": request(),
        "result": Result(environment="development"),
        "error": None,
        "steps": {},
        "written_at": START + timedelta(seconds=second),
    }
    return LogDocument(status=status, **(defaults | fields))


KEY = f"{PREFIX}/{document().object_name}"


def assert_is_clean(error: LogStoreError) -> None:
    """An error is one sentence without address, key, secret or what was to be written."""
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    told = ["127.0.0.1", "http", "of-this-test", "quot_", "logs-", PREFIX, *map(str, REQUEST.values())]
    assert not any(secret in text for secret in told)
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


async def write_until_done(store: LogStore, one: LogDocument) -> None:
    """Write as Temporal does: again, until it succeeds."""
    for _ in range(100):
        try:
            await store.write(one)
        except LogStoreError:
            await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311  # spreads the writers
        else:
            return
    pytest.fail("the document could not be written in 100 attempts")


# where a document goes


async def test_the_same_bytes_are_in_s3_and_in_the_folder(bucket: Bucket, tmp_path: Path) -> None:
    written = document(18.5, State.COMPLETED)
    await LogStore(bucket.name, PREFIX, tmp_path).write(written)
    assert bucket.keys == ["mcp-odoo-logs/2025/12/quot_abc123def456.log"]
    content = (tmp_path / "2025-12-22_quot_abc123def456.log").read_bytes()
    assert content == bucket.get(KEY) == written.to_bytes()
    assert content.count(b"\n") == 1
    assert content.endswith(b"}\n")
    assert json.loads(content)["status"] == "completed"
    assert bucket.content_type(KEY) == "application/json"


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ("", "2025/12/quot_abc123def456.log"),
        ("/", "2025/12/quot_abc123def456.log"),
        ("/logs/dev/", "logs/dev/2025/12/quot_abc123def456.log"),
    ],
)
async def test_the_prefix_has_no_stray_slashes(bucket: Bucket, prefix: str, key: str) -> None:
    await LogStore(bucket.name, prefix, None).write(document())
    assert bucket.keys == [key]


async def test_the_folder_is_made_with_the_first_document(bucket: Bucket, tmp_path: Path) -> None:
    await LogStore(bucket.name, PREFIX, tmp_path / "var" / "log").write(document())
    assert (tmp_path / "var" / "log" / document().file_name).read_bytes() == document().to_bytes()


async def test_quotations_do_not_disturb_each_other(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    documents = [document(tracking_id=new_tracking_id()) for _ in range(12)]
    await asyncio.gather(*(store.write(one) for one in documents))
    assert sorted(bucket.keys) == sorted(f"{PREFIX}/{one.object_name}" for one in documents)
    assert all((tmp_path / one.file_name).read_bytes() == one.to_bytes() for one in documents)


# which document stays


@pytest.mark.slow
async def test_the_latest_document_stays_whatever_the_order_of_writes(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    life = [(0, State.QUEUED), (5, State.FAILED), (60, State.QUEUED), (60, State.CANCELLED)]

    async def write_in(order: tuple[tuple[int, State], ...]) -> None:
        tracking_id = new_tracking_id()
        written = [document(second, status, tracking_id=tracking_id) for second, status in order]
        for number, one in enumerate(written, start=1):
            await write_until_done(store, one)
            latest = max(written[:number], key=lambda one: (one.written_at, one.status.is_final))
            assert bucket.get(f"{PREFIX}/{one.object_name}") == latest.to_bytes()
            assert (tmp_path / one.file_name).read_bytes() == latest.to_bytes()

    await asyncio.gather(*(write_in(order) for order in itertools.permutations(life)))


async def test_a_repeated_write_changes_nothing(front: Front, bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    await store.write(document(5, State.COMPLETED))
    file = tmp_path / document().file_name
    before = file.stat().st_mtime_ns
    for one in (document(5, State.COMPLETED), document()):
        await store.write(one)
    assert front.requests == ["PUT", *["PUT", "GET"] * 2]
    assert file.stat().st_mtime_ns == before


async def test_a_file_that_is_behind_catches_up_though_s3_is_not(bucket: Bucket, tmp_path: Path) -> None:
    await LogStore(bucket.name, PREFIX, None).write(document(5, State.COMPLETED))
    await LogStore(bucket.name, PREFIX, tmp_path).write(document(5, State.COMPLETED))
    assert (tmp_path / document().file_name).read_bytes() == bucket.get(KEY)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"tracking_id": "x"}', b"\xff\xfe", document().to_bytes()[:-9]]
)
async def test_what_is_no_log_gives_way(bucket: Bucket, tmp_path: Path, content: bytes) -> None:
    bucket.put(KEY, content)
    (tmp_path / document().file_name).write_bytes(content)
    await LogStore(bucket.name, PREFIX, tmp_path).write(document())
    assert bucket.get(KEY) == (tmp_path / document().file_name).read_bytes() == document().to_bytes()


async def test_a_later_document_that_comes_between_read_and_write_is_not_lost(
    s3_url: str, front: Front, bucket: Bucket, aws: pytest.MonkeyPatch
) -> None:
    behind_the_front = LogStore(bucket.name, PREFIX, None)
    aws.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    other = LogStore(bucket.name, PREFIX, None)
    await other.write(document(1))
    later = document(9, State.COMPLETED)
    front.after_read = lambda: asyncio.run(other.write(later))
    with pytest.raises(LogStoreError, match="Another worker") as raised:
        await behind_the_front.write(document(5, State.FAILED))
    assert_is_clean(raised.value)
    assert bucket.get(KEY) == later.to_bytes()
    # the next attempt sees it
    await behind_the_front.write(document(5, State.FAILED))
    assert bucket.get(KEY) == later.to_bytes()


async def test_a_later_document_that_another_worker_creates_at_the_same_time_is_not_lost(
    s3_url: str, front: Front, bucket: Bucket, aws: pytest.MonkeyPatch
) -> None:
    behind_the_front = LogStore(bucket.name, PREFIX, None)
    aws.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    other = LogStore(bucket.name, PREFIX, None)
    later = document(9, State.COMPLETED)
    front.before_write = lambda: asyncio.run(other.write(later))
    await behind_the_front.write(document(5, State.FAILED))
    assert bucket.get(KEY) == later.to_bytes()
    assert front.requests == ["PUT", "GET"]


async def test_a_log_that_is_removed_between_two_requests_is_written_at_the_next_attempt(
    front: Front, bucket: Bucket
) -> None:
    bucket.put(KEY, document().to_bytes())
    front.policy = removed_before_first_read()
    store = LogStore(bucket.name, PREFIX, None)
    with pytest.raises(LogStoreError, match="Another worker"):
        await store.write(document(5, State.COMPLETED))
    await store.write(document(5, State.COMPLETED))
    assert bucket.get(KEY) == document(5, State.COMPLETED).to_bytes()


@pytest.mark.slow
async def test_of_many_writers_at_once_the_latest_document_stays(
    front: Front, bucket: Bucket, tmp_path: Path
) -> None:
    documents = [document(second) for second in range(9)] + [document(9, State.COMPLETED)]
    stores = [LogStore(bucket.name, PREFIX, tmp_path) for _ in range(4)]
    random.shuffle(documents)
    await asyncio.gather(*(write_until_done(random.choice(stores), one) for one in documents))  # noqa: S311
    latest = document(9, State.COMPLETED).to_bytes()
    assert bucket.get(KEY) == (tmp_path / document().file_name).read_bytes() == latest
    assert front.count("PUT") >= len(documents)


# the file


@pytest.mark.slow
async def test_whoever_reads_the_file_sees_a_whole_document(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    path = tmp_path / document().file_name
    notes = [request(notes=character * size) for character, size in (("a", 4000), ("b", 10))]
    await store.write(document())
    done = threading.Event()
    seen: list[LogDocument] = []

    def read() -> None:
        while not done.is_set():
            seen.append(LogDocument.model_validate_json(path.read_bytes()))

    reading = asyncio.create_task(asyncio.to_thread(read))
    try:
        for second in range(1, 60):
            await store.write(document(second, request=notes[second % 2]))
    finally:
        done.set()
    await reading
    assert len({one.written_at for one in seen}) > 1
    assert [one.written_at for one in seen] == sorted(one.written_at for one in seen)


async def test_what_a_killed_writer_left_does_not_disturb(bucket: Bucket, tmp_path: Path) -> None:
    draft = (tmp_path / document().file_name).with_suffix(".tmp")
    draft.write_bytes(document().to_bytes()[:100])
    await LogStore(bucket.name, PREFIX, tmp_path).write(document())
    assert (tmp_path / document().file_name).read_bytes() == document().to_bytes()
    assert not draft.exists()


async def test_a_folder_that_cannot_be_is_told_and_keeps_nothing_out_of_s3(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LogStoreError, match="folder of local logs") as raised:
        await LogStore(bucket.name, PREFIX, tmp_path / "file" / "logs").write(document())
    assert_is_clean(raised.value)
    assert str(tmp_path) not in str(raised.value)
    assert bucket.get(KEY) == document().to_bytes()


async def test_both_problems_are_told(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    (tmp_path / "file").write_text("x")
    with pytest.raises(LogStoreError) as raised:
        await LogStore("ilagentslogs", PREFIX, tmp_path / "file" / "logs").write(document())
    assert str(raised.value) == (
        "The folder of local logs cannot be written to (NotADirectoryError). "
        "S3 could not be reached (EndpointConnectionError)."
    )


# S3 away


async def test_a_missing_bucket_is_told(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(LogStoreError, match="NoSuchBucket") as raised:
        await LogStore(f"{bucket.name}-x", PREFIX, tmp_path).write(document())
    assert_is_clean(raised.value)


async def test_a_server_that_is_away_is_told_and_the_file_is_there(
    aws: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(LogStoreError) as raised:
        await LogStore("ilagentslogs", PREFIX, tmp_path).write(document())
    assert_is_clean(raised.value)
    assert (tmp_path / document().file_name).read_bytes() == document().to_bytes()


async def test_missing_credentials_are_told(aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(
        LogStoreError, match=r"^There are no credentials for S3 \(NoCredentialsError\)\.$"
    ) as raised:
        await LogStore("ilagentslogs", PREFIX, None).write(document())
    assert_is_clean(raised.value)


@pytest.mark.parametrize(
    "instead",
    [
        b"",
        b"HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Error\r\nConnection: close\r\nContent-Length: 13\r\n\r\n<html></html>",
        b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 5\r\n\r\n<x>&<",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        PROXY_PAGE,
    ],
    ids=["closed", "503", "500", "403", "301", "no xml", "cut", "no http", "proxy's page"],
)
async def test_whatever_s3_answers_is_one_clean_error(front: Front, bucket: Bucket, instead: bytes) -> None:
    store = LogStore(bucket.name, PREFIX, None)
    front.instead = instead
    with pytest.raises(LogStoreError) as raised:
        await store.write(document())
    assert_is_clean(raised.value)
    # Temporal tries again, and shows that it does
    assert front.count("GET") + front.count("PUT") == 1
    front.instead = None
    await store.write(document())
    assert bucket.get(KEY) == document().to_bytes()


async def test_a_page_in_place_of_the_answer_to_a_write_is_no_success(front: Front, bucket: Bucket) -> None:
    def replace_next_answer() -> None:
        front.instead = PROXY_PAGE

    bucket.put(KEY, b"")
    front.requests.clear()
    front.after_read = replace_next_answer
    store = LogStore(bucket.name, PREFIX, None)
    with pytest.raises(LogStoreError, match="could not be read") as raised:
        await store.write(document())
    assert_is_clean(raised.value)
    assert front.requests == ["PUT", "GET", "PUT"]
    front.instead = None
    await store.write(document())
    assert bucket.get(KEY) == document().to_bytes()


NEEDS = "it needs the right PutObject, and some buckets demand S3_SERVER_SIDE_ENCRYPTION."

ANSWERS = [
    ("NoSuchBucket", 404, "S3 has no bucket with the configured name (NoSuchBucket)."),
    (
        "AccessDenied",
        403,
        f"S3 does not let this key write to the bucket (AccessDenied): {NEEDS}",
    ),
    ("InvalidAccessKeyId", 403, "S3 refused the credentials (InvalidAccessKeyId)."),
    ("SignatureDoesNotMatch", 403, "S3 refused the credentials (SignatureDoesNotMatch)."),
    ("ExpiredToken", 400, "S3 refused the credentials (ExpiredToken)."),
    ("RequestTimeTooSkewed", 403, "The clocks of S3 and this machine differ (RequestTimeTooSkewed)."),
    (
        "NotImplemented",
        501,
        "This S3 lacks conditional writes or the encryption of S3_SERVER_SIDE_ENCRYPTION (NotImplemented).",
    ),
    ("PreconditionFailed", 412, "Another worker wrote the same log (PreconditionFailed)."),
    ("SlowDown", 503, "S3 is overloaded (SlowDown)."),
    ("ServiceUnavailable", 503, "S3 is overloaded (ServiceUnavailable)."),
    ("InternalError", 500, "S3 failed temporarily (InternalError)."),
    ("RequestTimeout", 400, "S3 did not answer in time (RequestTimeout)."),
    ("SomethingNew", 400, "S3 answered SomethingNew."),
    ("acme@corp.com told", 400, "S3 answered an unknown error."),
    ("", 502, "S3 failed temporarily (502)."),
    (
        "",
        403,
        f"S3 does not let this key write to the bucket (403): {NEEDS}",
    ),
    ("", 429, "S3 is overloaded (429)."),
]


@pytest.mark.parametrize(("code", "status", "sentence"), ANSWERS, ids=lambda part: str(part)[:20])
async def test_an_answer_of_s3_is_told_in_a_sentence_without_its_message(
    front: Front, bucket: Bucket, code: str, status: int, sentence: str
) -> None:
    text = f"<Error><Code>{code}</Code><Message>quot_abc123def456 acme@corp.com</Message></Error>"
    body = text.encode() if code else b""
    front.instead = (
        b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
    )
    with pytest.raises(LogStoreError) as raised:
        await LogStore(bucket.name, PREFIX, None).write(document())
    assert str(raised.value) == sentence
    assert_is_clean(raised.value)


async def test_a_refusal_of_the_read_alone_is_told(front: Front, bucket: Bucket) -> None:
    bucket.put(KEY, b"")
    front.requests.clear()
    front.policy = without_right("GET")
    with pytest.raises(LogStoreError) as raised:
        await LogStore(bucket.name, PREFIX, None).write(document())
    assert str(raised.value) == (
        "S3 does not let this key read from the bucket (AccessDenied): it needs the right GetObject."
    )
    assert_is_clean(raised.value)
    assert front.requests == ["PUT", "GET"]
    front.policy = amazon
    assert bucket.get(KEY) == b""


async def test_a_server_that_says_nothing_is_told(
    bucket: Bucket, aws: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("log_store.objects._TIMEOUTS.read_timeout", 0.2)
        with pytest.raises(LogStoreError, match=r"^S3 did not answer in time \(ReadTimeoutError\)\.$"):
            await LogStore(bucket.name, PREFIX, None).write(document())


async def test_a_server_without_tls_is_told(bucket: Bucket, s3_url: str, aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", s3_url.replace("http:", "https:"))
    with pytest.raises(LogStoreError, match=r"^The TLS connection to S3 failed \(SSLError\)\.$"):
        await LogStore(bucket.name, PREFIX, None).write(document())


async def test_those_who_find_all_writers_busy_do_not_wait(
    bucket: Bucket, aws: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=32) as silent:
        aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("log_store.objects._TIMEOUTS.read_timeout", 0.5)
        store = LogStore(bucket.name, PREFIX, None)
        outcomes = await asyncio.gather(*(store.write(document()) for _ in range(40)), return_exceptions=True)
        assert sum(str(outcome) == "All writers of logs are busy." for outcome in outcomes) == 24
        with pytest.raises(LogStoreError, match="did not answer in time"):
            await store.write(document())
