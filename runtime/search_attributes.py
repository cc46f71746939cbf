"""Temporal's search attributes: registered if they are missing, unless that is forbidden."""

import logging
from collections.abc import Sequence

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

logger = logging.getLogger(__name__)

_TEMPORARY = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
    }
)


class SearchAttributes:
    """The keyword attributes of these names: a namespace has all of them or counts as having none."""

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client = client
        self._names = names
        self._has_warned = False

    async def are_registered(self) -> bool:
        """Return True if runs can be searched by all of them, after registering them if necessary.

        Raises `RPCError` if Temporal cannot answer at the moment.
        """
        return await self._can_be_searched() or (await self._register() and await self._can_be_searched())

    async def _can_be_searched(self) -> bool:
        # a list of all attributes would need more rights than a search
        query = " OR ".join(f"{name} = 'x'" for name in self._names)
        try:
            await self._client.count_workflows(query)
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT:
                return False
            raise
        return True

    async def _register(self) -> bool:
        """Return False if Temporal refuses one of them for good."""
        for name in self._names:
            try:
                await self._register_one(name)
            except RPCError as error:
                if error.status in _TEMPORARY:
                    raise
                self._warn(error.status)
                return False
        logger.info("registered search attributes %s", ", ".join(self._names))
        return True

    async def _register_one(self, name: str) -> None:
        request = AddSearchAttributesRequest(
            namespace=self._client.namespace,
            search_attributes={name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
        )
        try:
            await self._client.operator_service.add_search_attributes(request)
        except RPCError as error:
            # another process was faster
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise

    def _warn(self, status: RPCStatusCode) -> None:
        if not self._has_warned:
            logger.warning("search attributes %s cannot be registered: %s", ", ".join(self._names), status.name)
            self._has_warned = True
