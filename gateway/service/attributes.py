"""The search attributes that a quotation starts with, so that a list of quotations is a query and not a scan."""

from urllib.parse import quote

from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from quotation.messages import OWNER_ATTRIBUTE, SEARCH_ATTRIBUTES, STATUS_ATTRIBUTE
from quotation.status import State
from runtime.search_attributes import SearchAttributes

_OWNER = SearchAttributeKey.for_keyword(OWNER_ATTRIBUTE)
_STATUS = SearchAttributeKey.for_keyword(STATUS_ATTRIBUTE)


class QuotationAttributes:
    """What Temporal is told of a quotation besides its memo, where it takes such attributes."""

    def __init__(self, client: Client) -> None:
        self._attributes = SearchAttributes(client, SEARCH_ATTRIBUTES)

    async def are_there(self) -> bool:
        """Tell whether lists can be searched by them; they are registered where they are missing and may be."""
        return await self._attributes.are_there()

    async def of_new(self, owner: str) -> TypedSearchAttributes:
        """Give what a new run of this owner's starts with; none where a start with them would be refused."""
        if not await self.are_there():
            return TypedSearchAttributes.empty
        pairs = [SearchAttributePair(_STATUS, State.QUEUED)]
        if owner:
            pairs.append(SearchAttributePair(_OWNER, owner_value(owner)))
        return TypedSearchAttributes(pairs)


def owner_value(owner: str) -> str:
    """Give the value of the owner's attribute, which can stand in a query's quotes whatever the name is."""
    return quote(owner, safe=" @.+-_", errors="surrogatepass")
