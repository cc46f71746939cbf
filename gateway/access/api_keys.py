"""Callers who are known by a static key."""

import hmac
import logging
from collections.abc import Iterable

from gateway.api_keys import ApiKey, digest_of
from gateway.service.callers import LOCAL, Caller
from gateway.settings import GatewaySettings
from runtime.settings import SettingsError

logger = logging.getLogger(__name__)


class KeyRing:
    """The keys that open the gateway."""

    def __init__(self, keys: Iterable[ApiKey], environments: Iterable[str]) -> None:
        every = frozenset(environments)
        self.callers = [
            (
                key.digest,
                Caller(
                    key.name,
                    every if key.environments is None else key.environments,
                    reads_all=key.reads_all,
                    operates=key.operates,
                ),
            )
            for key in keys
        ]
        """The digest of each key, and its owner."""

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "KeyRing":
        """Create the ring of these settings."""
        return cls(settings.gateway_api_keys, settings.environments)

    def caller_with(self, key: str) -> Caller | None:
        """Return the key's owner, in constant time, or None if it is not one of the keys."""
        digest = digest_of(key)
        found = None
        for known, caller in self.callers:
            if hmac.compare_digest(known, digest):
                found = caller
        return found


def caller_by_setting(settings: GatewaySettings) -> Caller:
    """Return the caller for a process that serves one person over stdio: the local one if there are no keys.

    Raises:
        SettingsError: `GATEWAY_API_KEY` is not one of the keys.
    """
    if not settings.gateway_api_keys:
        if settings.gateway_api_key is not None:
            logger.warning("GATEWAY_API_KEY has no effect without GATEWAY_API_KEYS, which defines its owner")
        return LOCAL
    if settings.gateway_api_key is None:
        raise SettingsError("GATEWAY_API_KEY must be set because GATEWAY_API_KEYS is set")
    caller = KeyRing.from_settings(settings).caller_with(settings.gateway_api_key.get_secret_value())
    if caller is None:
        raise SettingsError("GATEWAY_API_KEY is wrong: it is not one of GATEWAY_API_KEYS")
    return caller
