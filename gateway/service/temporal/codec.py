"""Decrypts for Temporal's UI the payloads that Temporal stores."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from runtime.encryption import EncryptionCodec, PayloadKeyError
from runtime.payload_keys import PayloadKey


class MalformedPayloadsError(Exception):
    """It is not the JSON of `temporal.api.common.v1.Payloads`."""


class HistoryCodec:
    """Decrypts the payloads of one namespace."""

    def __init__(self, namespace: str, keys: Sequence[PayloadKey]) -> None:
        self.namespace = namespace
        self._codec = EncryptionCodec(keys)

    async def decode(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return `Payloads` decrypted, as JSON in both directions; one without a key here stays as it is.

        Raises:
            MalformedPayloadsError: The body is not `Payloads`.
        """
        try:
            # a newer UI may send fields that this version of the API does not have
            payloads = ParseDict(dict(body), Payloads(), ignore_unknown_fields=True)
        except (ParseError, ValueError):
            raise MalformedPayloadsError from None
        return MessageToDict(Payloads(payloads=[await self._readable(one) for one in payloads.payloads]))

    async def _readable(self, payload: Payload) -> Payload:
        try:
            [plain] = await self._codec.decode([payload])
        except PayloadKeyError:
            # an error would hide its neighbours too, and its metadata names the missing key
            return payload
        return plain
