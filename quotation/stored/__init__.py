"""The base of all data that Temporal and S3 store, and that processes of other versions read.

While a new version is deployed, and after a rollback, old and new processes read each other's data
(docs/reliability.md, "Deploying a new version"). So stored data is read leniently: fields that this
version does not know are kept, and written again. Only callers' input is read strictly
(`quotation.forgiving.arguments.Arguments`).
"""

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """A part of what is stored; it keeps the fields that a newer version added."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
