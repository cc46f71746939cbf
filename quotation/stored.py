"""The base of everything that Temporal and S3 keep, and that processes of another version read.

While a new version is deployed, and after it is rolled back, old and new processes read what the other wrote
(docs/reliability.md, "Deploying a new version"). So stored data is read leniently: a field that this version does
not know is kept, and written again. Only what callers send is read strictly (`quotation.values.Arguments`).
"""

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """A part of what is stored; it keeps the fields that a newer version added."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
