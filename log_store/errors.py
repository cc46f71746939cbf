"""The errors of the log store."""


class LogStoreError(Exception):
    """The log could not be written now; the message names the reason and holds no data. Transient."""


class RefusedError(LogStoreError):
    """S3 answered with an error; `code` is its error code or HTTP status."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class DeniedError(RefusedError):
    """S3 denied access: a right is missing, or the object is and the key may not list the bucket."""


class LogStoreSettingsError(Exception):
    """S3 can never be used with these settings; the message is a sentence for the operator."""
