"""Encryption of all that Temporal stores of quotations: inputs, results, memos and the texts of failures.

The format is that of Temporal's own samples (`binary/encrypted`, nonce before ciphertext). A codec server made
for them can show the payloads in Temporal's UI.
"""

import dataclasses
import logging
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.service import RPCError

from runtime.failures import EncodedTracelessFailureConverter, TracelessFailureConverter
from runtime.payload_keys import PayloadKey
from runtime.settings import SettingsError

logger = logging.getLogger(__name__)

_ENCODING = b"binary/encrypted"
_KEY_ID = "encryption-key-id"
_NONCE_BYTES = 12
_MOST_RUNS = 100


class PayloadKeyError(Exception):
    """A payload is encrypted with a key that this process does not have; the text names the key's id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key opens a payload that is encrypted with key {key_id!r}")
        self.key_id = key_id


class EncryptionCodec(PayloadCodec):
    """Encrypts with the first key, if there is one, and decrypts with any; other payloads pass unchanged."""

    def __init__(self, keys: Sequence[PayloadKey]) -> None:
        self._first = next((key.id for key in keys), "")
        self._ciphers = {key.id: AESGCM(key.key) for key in keys}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt payloads with their metadata."""
        return [self._encrypted(payload) for payload in payloads] if self._ciphers else list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt payloads. Raises `PayloadKeyError`."""
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        data = nonce + self._ciphers[self._first].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": _ENCODING, _KEY_ID: self._first.encode()}, data=data)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        key_id = payload.metadata[_KEY_ID].decode(errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise PayloadKeyError(key_id)
        try:
            plain = cipher.decrypt(payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise PayloadKeyError(key_id) from None
        return Payload.FromString(plain)


def data_converter(keys: Sequence[PayloadKey]) -> DataConverter:
    """Return the converter for every client; if there are keys, it encrypts the texts of failures too."""
    return dataclasses.replace(
        pydantic_data_converter,
        # without keys too: a payload that somebody else encrypted must be an error of its own
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=EncodedTracelessFailureConverter if keys else TracelessFailureConverter,
    )


async def check_readable(client: Client, keys: Sequence[PayloadKey], workflow: str) -> bool:
    """Check that the keys open the running workflows of this type; otherwise their tasks would fail for ever.

    Nothing is checked if Temporal does not list workflows; then a warning says so and the answer is False.

    Raises:
        SettingsError: A running workflow is encrypted with another key.
    """
    codec = EncryptionCodec(keys)
    query = f"WorkflowType = '{workflow}' AND ExecutionStatus = 'Running'"
    try:
        async for run in client.list_workflows(query, limit=_MOST_RUNS):
            await codec.decode(list(run.raw_info.memo.fields.values()))
    except RPCError as error:
        logger.warning("PAYLOAD_KEYS could not be checked on running quotations: %s", error.status.name)
        return False
    except PayloadKeyError as error:
        name = repr(error.key_id)
        if error.key_id in {key.id for key in keys}:
            raise SettingsError(
                f"PAYLOAD_KEYS has a key {name}, but running quotations are encrypted with another one of that id"
            ) from None
        raise SettingsError(
            f"PAYLOAD_KEYS must have the key {name} that running quotations are encrypted with"
        ) from None
    return True
