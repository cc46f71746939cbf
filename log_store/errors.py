"""The errors of the log store."""


class LogStoreError(Exception):
    """The log could not be written now; the message names the reason and holds no data. Transient."""


class LogStoreSettingsError(Exception):
    """S3 can never be used with these settings; the message is a sentence for the operator."""
