"""Where quotations' log documents are kept: S3, and a local folder if one is set.

The package knows nothing of Temporal; it alone imports boto3.
"""

from log_store.store import LogStore, LogStoreError, LogStoreSettingsError

__all__ = ["LogStore", "LogStoreError", "LogStoreSettingsError"]
