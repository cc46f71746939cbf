"""The log store on stores with other policies than moto's, and on moto itself."""

import json

import pytest

from log_store import LogStore, LogStoreError
from quotation.document import Log
from quotation.status import State
from tests.unit.log_store import policies
from tests.unit.log_store.conftest import Bucket
from tests.unit.log_store.s3 import Front
from tests.unit.log_store.test_store import KEY, PREFIX, assert_is_clean, document

PROBE = f"{PREFIX}/_check"

WORKING = {
    "amazon": policies.amazon,
    "without ListBucket": policies.without_list,
    "without checksums": policies.without_checksums,
    "demanding AES256": policies.with_encryption("AES256"),
    "with a default retention": policies.with_retention,
    "slow": policies.slow(0.1),
}
"""Stores that can keep logs."""

UNSAFE = {
    "ignoring conditions": policies.ignoring_conditions,
    "refusing conditions": policies.refusing_conditions(501, "NotImplemented"),
    "refusing conditions as an argument": policies.refusing_conditions(400, "InvalidArgument"),
}
"""Stores that can keep logs, but cannot compare and write in one step."""


NO_CONDITIONS = (
    "This S3 has no conditional writes. If two workers write the same log at once, the older one may stay."
)


def new_store(bucket: Bucket) -> LogStore:
    return LogStore(bucket.name, PREFIX, None, "AES256")


def parametrize(stores: dict[str, policies.Policy]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("policy", stores.values(), ids=stores)


async def checked(store: LogStore) -> str | None:
    """Return the sentence of the check at start, or None if all is well."""
    try:
        await store.check_bucket()
    except LogStoreError as error:
        assert_is_clean(error)
        return str(error)
    return None


@parametrize(WORKING | UNSAFE)
async def test_logs_are_written_and_none_is_replaced_by_an_earlier_one(
    front: Front, bucket: Bucket, policy: policies.Policy
) -> None:
    store = new_store(bucket)
    front.policy = policy
    await checked(store)
    for one in (document(), document(5, State.COMPLETED), document(2)):
        await store.write(one)
    front.policy = policies.amazon
    assert bucket.get(KEY) == document(5, State.COMPLETED).to_bytes()


@parametrize(WORKING)
async def test_a_store_that_can_keep_logs_is_no_finding(
    front: Front, bucket: Bucket, policy: policies.Policy
) -> None:
    front.policy = policy
    for _ in range(2):
        assert await checked(new_store(bucket)) is None
    front.policy = policies.amazon
    # S3 hides from a key without ListBucket whether the object is missing or forbidden
    assert bucket.keys == ([PROBE] if policy is policies.without_list else [])


@pytest.mark.parametrize(
    "missing",
    [policies.error(404, "NotFound"), policies.error(403, "Forbidden")],
    ids=["404", "403"],
)
async def test_stores_have_codes_of_their_own(front: Front, bucket: Bucket, missing: policies.Answer) -> None:
    def policy(request: policies.Request, forward: policies.Forward) -> policies.Answer:
        answer = forward(request)
        return missing if answer.status == 404 else answer

    front.policy = policy
    assert await checked(new_store(bucket)) is None


async def test_another_server_than_s3_is_told(front: Front, bucket: Bucket) -> None:
    front.policy = lambda *_: policies.Answer(404, [("Content-Type", "text/html")], b"<html>Not found</html>")
    assert await checked(new_store(bucket)) == "There is no S3 at the configured address (404)."


@parametrize(UNSAFE)
async def test_a_store_without_conditional_writes_is_told(
    front: Front, bucket: Bucket, policy: policies.Policy
) -> None:
    front.policy = policy
    store = new_store(bucket)
    for _ in range(2):
        assert await checked(store) == NO_CONDITIONS
    front.policy = policies.amazon
    # the store has been replaced
    assert await checked(store) is None
    await store.write(document())
    assert front.requests[-1] == "PUT"


async def test_missing_conditions_are_told_to_a_key_that_may_not_list(front: Front, bucket: Bucket) -> None:
    bucket.put(PROBE, b"")

    def both(request: policies.Request, forward: policies.Forward) -> policies.Answer:
        return policies.without_list(request, lambda inner: policies.ignoring_conditions(inner, forward))

    front.policy = both
    assert await checked(new_store(bucket)) == NO_CONDITIONS


@pytest.mark.parametrize(("method", "verb", "right"), [("PUT", "write to", "Put"), ("GET", "read from", "Get")])
async def test_a_missing_right_is_told_by_its_name(
    front: Front, bucket: Bucket, method: str, verb: str, right: str
) -> None:
    front.policy = policies.without_right(method)
    found = await checked(new_store(bucket))
    assert found is not None
    assert found.startswith(
        f"S3 does not let this key {verb} the bucket (AccessDenied): it needs the right {right}Object"
    )


async def test_a_demanded_encryption_is_told_by_its_setting(front: Front, bucket: Bucket) -> None:
    front.policy = policies.with_encryption("aws:kms")
    for store in (LogStore(bucket.name, PREFIX, None), new_store(bucket)):
        found = await checked(store)
        assert found is not None
        assert "some buckets demand S3_SERVER_SIDE_ENCRYPTION" in found
    assert await checked(LogStore(bucket.name, PREFIX, None, "aws:kms")) is None


async def test_an_encryption_that_the_store_lacks_is_not_taken_for_missing_conditions(
    front: Front, bucket: Bucket
) -> None:
    front.policy = policies.without_encryption
    assert await checked(new_store(bucket)) == (
        "This S3 lacks conditional writes or the encryption of S3_SERVER_SIDE_ENCRYPTION (NotImplemented)."
    )
    assert await checked(LogStore(bucket.name, PREFIX, None)) is None


async def test_a_missing_bucket_is_told(front: Front, bucket: Bucket) -> None:
    assert front.requests == []
    found = await checked(LogStore(f"{bucket.name}-x", PREFIX, None))
    assert found == "S3 has no bucket with the configured name (NoSuchBucket)."


async def test_a_store_with_failures_is_not_taken_for_one_without_conditional_writes(
    front: Front, bucket: Bucket
) -> None:
    front.policy = policies.refusing_conditions(503, "SlowDown")
    store = new_store(bucket)
    assert await checked(store) == "S3 is overloaded (SlowDown)."
    front.policy = policies.amazon
    await store.write(document())
    assert front.requests[-1:] == ["PUT"]


async def test_checksums_are_sent_to_those_who_want_them(
    front: Front, bucket: Bucket, aws: pytest.MonkeyPatch
) -> None:
    aws.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported")
    front.policy = policies.without_checksums
    with pytest.raises(LogStoreError, match="InvalidArgument"):
        await new_store(bucket).write(document())


async def test_an_indented_log_of_an_older_version_gives_way_to_a_later_one_only(bucket: Bucket) -> None:
    def indented(log: Log) -> bytes:
        return json.dumps(json.loads(log.to_bytes()), indent=2).encode()

    store = new_store(bucket)
    bucket.put(KEY, indented(document(5, State.FAILED)))
    await store.write(document(2))
    assert bucket.get(KEY) == indented(document(5, State.FAILED))
    await store.write(document(60, State.COMPLETED))
    assert bucket.get(KEY) == document(60, State.COMPLETED).to_bytes()


async def test_two_logs_of_one_worker_are_two_requests(front: Front, bucket: Bucket) -> None:
    front.policy = policies.without_list
    store = new_store(bucket)
    await store.write(document())
    assert front.requests == ["PUT"]
    await store.write(document(5, State.COMPLETED))
    assert front.requests == ["PUT", "PUT"]
    assert bucket.get(KEY) == document(5, State.COMPLETED).to_bytes()


async def test_the_last_log_is_three_requests_if_another_worker_wrote_the_first(
    front: Front, bucket: Bucket
) -> None:
    front.policy = policies.without_list
    await new_store(bucket).write(document())
    await new_store(bucket).write(document(5, State.COMPLETED))
    assert front.requests == ["PUT", "PUT", "GET", "PUT"]
    assert bucket.get(KEY) == document(5, State.COMPLETED).to_bytes()


async def test_a_later_log_of_another_worker_is_not_lost_to_one_that_wrote_the_first(bucket: Bucket) -> None:
    store = new_store(bucket)
    await store.write(document())
    await new_store(bucket).write(document(60, State.FAILED))
    await store.write(document(5, State.COMPLETED))
    assert bucket.get(KEY) == document(60, State.FAILED).to_bytes()


async def test_a_first_log_that_is_removed_does_not_keep_the_last_one_out(bucket: Bucket) -> None:
    store = new_store(bucket)
    await store.write(document())
    bucket.delete(KEY)
    await store.write(document(5, State.COMPLETED))
    assert bucket.get(KEY) == document(5, State.COMPLETED).to_bytes()


@pytest.mark.parametrize("code", ["SecondLevelDomainForbidden", "PathStyleDomainForbidden"])
async def test_a_store_that_wants_the_bucket_in_the_host_name_says_so(
    front: Front, bucket: Bucket, code: str
) -> None:
    front.policy = policies.without_path_style(code)
    assert await checked(new_store(bucket)) == (
        "This S3 wants the bucket in the host name: set addressing_style = virtual in the file of AWS_CONFIG_FILE"
        f" ({code})."
    )
