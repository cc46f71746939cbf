"""Where quotations' logs are kept: S3, and a local folder if one is set.

The package knows nothing of Temporal, and it alone imports boto3.
"""

from log_store.errors import LogStoreError, LogStoreSettingsError, OutsideError
from log_store.store import MONTHS, LogStore

__all__ = ["MONTHS", "LogStore", "LogStoreError", "LogStoreSettingsError", "OutsideError"]
