import pytest
from temporalio.client import Client

from gateway.errors import TemporalUnavailableError
from gateway.service.temporal.deadlines import answered_within


async def test_a_client_that_cannot_connect_means_that_temporal_is_away(nowhere: Client) -> None:
    with pytest.raises(TemporalUnavailableError):
        async with answered_within(20):
            await nowhere.count_workflows()


async def test_another_runtime_error_is_no_word_on_temporal() -> None:
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        async with answered_within(20):
            raise RuntimeError("a mistake of ours")
