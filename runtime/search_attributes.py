"""Temporal's search attributes: registered where they are missing, and done without where that is forbidden."""

import logging
import time
from collections.abc import Sequence

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

logger = logging.getLogger(__name__)

_KNOWN_SECONDS = 60.0
_MISSING_SECONDS = 10.0


class SearchAttributes:
    """The keyword attributes of these names, of which a namespace has all or, for us, none.

    A start with an unknown one is refused, so that whoever starts or searches must know. An answer is remembered
    for a while and not for ever: an operator may register them, or give Temporal a new database.
    """

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client = client
        self._names = names
        self._are_there = False
        self._known_until = 0.0
        self._has_told = False

    async def are_there(self) -> bool:
        """Tell whether Temporal has them, registering them first where it may. Raises as a call to Temporal."""
        if time.monotonic() >= self._known_until:
            self._are_there = await self._can_be_searched() or (
                await self._register() and await self._can_be_searched()
            )
            self._known_until = time.monotonic() + (_KNOWN_SECONDS if self._are_there else _MISSING_SECONDS)
        return self._are_there

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
        attributes = dict.fromkeys(self._names, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        request = AddSearchAttributesRequest(namespace=self._client.namespace, search_attributes=attributes)
        try:
            await self._client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if not self._has_told:
                names = ", ".join(self._names)
                logger.warning("search attributes %s cannot be registered: %s", names, error.status.name)
                self._has_told = True
            return False
        logger.info("registered search attributes %s", ", ".join(self._names))
        return True
