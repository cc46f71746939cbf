"""The errors of the log store."""


class LogStoreError(Exception):
    """The log could not be written now; the message names the reason and holds no data. Transient."""


class DeniedError(LogStoreError):
    """S3 denied access: a right is missing, or the object is and the key may not list the bucket."""


class MissingError(LogStoreError):
    """S3 has no such object."""


class ChangedError(LogStoreError):
    """The object is not as the condition of the write demands."""


class UnsupportedError(LogStoreError):
    """S3 does not support a part of the request, or says so in words of its own."""


class OutsideError(LogStoreError):
    """The cause is outside the settings: the store itself, or a clock."""


class LogStoreSettingsError(Exception):
    """S3 can never be used with these settings; the message is a sentence for the operator."""
