import pytest
from opentelemetry import trace

from runtime.settings import SettingsError
from runtime.tracing import switch
from tests.unit.conftest import SECRET, SetVariables
from tests.unit.runtime.test_process import end_of, start

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

_LOADED = """
import sys
from runtime.tracing import switch
switch.begin("worker")
print(switch.is_on(), len(switch.interceptors()), "opentelemetry.sdk.trace" in sys.modules)
"""


@pytest.mark.parametrize(
    ("settings", "loaded"),
    [
        ({}, "False 0 False"),
        ({"OTEL_SERVICE_NAME": "quotations"}, "False 0 False"),
        ({"OTEL_TRACES_EXPORTER": "none", ENDPOINT: "http://127.0.0.1:9"}, "False 0 False"),
        ({"OTEL_SDK_DISABLED": "true", ENDPOINT: "http://127.0.0.1:9"}, "False 0 False"),
        ({ENDPOINT: "http://127.0.0.1:9"}, "True 1 True"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/v1/traces"}, "True 1 True"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "True 1 True"),
    ],
)
async def test_the_sdk_is_loaded_only_if_a_collector_is_named(settings: dict[str, str], loaded: str) -> None:
    ended = await end_of(await start("-c", _LOADED, **settings))
    assert (ended.stdout.strip(), ended.stderr) == (loaded, "")


async def test_gateway_and_worker_start_without_the_sdk() -> None:
    started = "import sys, gateway.__main__, gateway.stdio, worker; print('opentelemetry.sdk' in sys.modules)"
    ended = await end_of(await start("-c", started))
    assert (ended.stdout.strip(), ended.stderr) == ("False", "")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER must be otlp or none"),
        ({ENDPOINT: f"{SECRET}.test:4318"}, f"{ENDPOINT} must be an http or https URL"),
        ({ENDPOINT: f"http://[{SECRET}"}, f"{ENDPOINT} must be an http or https URL"),
        (
            {ENDPOINT: "http://collector.test", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf",
        ),
        (
            {ENDPOINT: "http://collector.test", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": SECRET},
            "the OTEL_* settings are wrong (ValueError)",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_its_value(
    variables: SetVariables, settings: dict[str, str], sentence: str
) -> None:
    variables(**settings)
    with pytest.raises(SettingsError) as raised:
        switch.begin("worker")
    assert str(raised.value) == sentence
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert not hasattr(trace.get_tracer_provider(), "shutdown")
