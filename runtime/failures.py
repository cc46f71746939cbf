"""Failures as Temporal stores them: without stack traces, which hold paths of the machine that failed."""

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, PayloadConverter


class TracelessFailureConverter(DefaultFailureConverter):
    """Converts errors of activities, workflows and queries; a cause of another process loses its trace too."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Fill `failure` with the exception's message and type, and leave out its trace."""
        super().to_failure(exception, payload_converter, failure)
        _remove_traces(failure, payload_converter)


class EncodedTracelessFailureConverter(TracelessFailureConverter):
    """The same, with the message in a payload that a codec can encrypt."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def _remove_traces(failure: Failure, payload_converter: PayloadConverter) -> None:
    failure.stack_trace = ""
    if failure.HasField("encoded_attributes"):
        attributes = payload_converter.from_payload(failure.encoded_attributes)
        [encoded] = payload_converter.to_payloads([{**attributes, "stack_trace": ""}])
        failure.encoded_attributes.CopyFrom(encoded)
    if failure.HasField("cause"):
        _remove_traces(failure.cause, payload_converter)
