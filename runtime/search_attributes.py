"""Temporal's search attributes: registered if they are missing, unless that is forbidden."""

import asyncio
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
    """The keyword attributes of these names, the most useful first: some namespaces have room for few."""

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client = client
        self._names = names
        self._has_warned = False

    async def registered(self) -> frozenset[str]:
        """Return those by which runs can be searched, after registering the missing ones if that is allowed.

        Raises `RPCError` if Temporal cannot answer at the moment.
        """
        found = await self._searchable()
        missing = [name for name in self._names if name not in found]
        if not missing or not await self._register(missing):
            return found
        return await self._searchable()

    async def _searchable(self) -> frozenset[str]:
        # a list of all attributes would need more rights than a search
        if await self._can_search_by(self._names):
            return frozenset(self._names)
        can = await asyncio.gather(*(self._can_search_by([name]) for name in self._names))
        return frozenset(name for name, is_known in zip(self._names, can, strict=True) if is_known)

    async def _can_search_by(self, names: Sequence[str]) -> bool:
        query = " OR ".join(f"{name} = 'x'" for name in names)
        try:
            await self._client.count_workflows(query)
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT:
                return False
            raise
        return True

    async def _register(self, names: Sequence[str]) -> bool:
        """Return True if at least one is new; Temporal may refuse the others for good."""
        for number, name in enumerate(names):
            try:
                await self._register_one(name)
            except RPCError as error:
                if error.status in _TEMPORARY:
                    raise
                self._warn(names[number:], error.status)
                return number > 0
        logger.info("registered search attributes %s", ", ".join(names))
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

    def _warn(self, names: Sequence[str], status: RPCStatusCode) -> None:
        if not self._has_warned:
            logger.warning("search attributes %s cannot be registered: %s", ", ".join(names), status.name)
            self._has_warned = True
