from gateway.service.starts.idempotency import IdempotencyKey, KeyedStart, Kind
from tests.support.requests import request


def test_the_ids_of_a_key_are_the_same_in_every_version() -> None:
    # quotations under way were started with them
    keyed = KeyedStart.create(IdempotencyKey(Kind.KEY, "k"), "o", "dev", request(), "s")
    assert next(keyed.tracking_ids()) == "quot_90e94d33eef0"
    other = KeyedStart.create(IdempotencyKey(Kind.KEY, "k"), "o", "dev", request(product_qty=2), "s")
    assert other == keyed
