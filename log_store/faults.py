"""The table from errors of S3, of the way to it and of the local disk to sentences; all are transient.

A log never fails a quotation: it is tried until the cause in the sentence is fixed. Codes are those of
Amazon's list of S3 error responses, names are those of exceptions in botocore and Python.
"""

import re

_IS_CODE = re.compile(r"[A-Za-z0-9.]{1,60}", re.ASCII)

_SENTENCES = {
    "S3 has no bucket of the configured name": ["NoSuchBucket"],
    "S3 does not let this key into the bucket": ["AccessDenied", "AllAccessDisabled", "401", "403"],
    "S3 refused the credentials": ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"],
    "There are no credentials for S3": ["NoCredentialsError", "PartialCredentialsError"],
    "The clocks of S3 and this machine differ": ["RequestTimeTooSkewed", "RequestExpired"],
    "The bucket is in another region or at another address": [
        "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "302", "307", "308",
    ],
    "This S3 knows no conditional writes": ["NotImplemented", "501"],
    "Another worker wrote the same log": ["PreconditionFailed", "ConditionalRequestConflict", "409", "412"],
    "S3 is overloaded": ["SlowDown", "ServiceUnavailable", "ThrottlingException", "TooManyRequests", "429", "503"],
    "S3 failed for the moment": ["InternalError", "500", "502", "504"],
    "S3 did not answer in time": ["RequestTimeout", "ConnectTimeoutError", "ReadTimeoutError"],
    "S3 could not be reached": ["EndpointConnectionError"],
    "The TLS connection to S3 failed": ["SSLError"],
    "The connection to S3 broke": ["ConnectionClosedError", "HTTPClientError", "ResponseStreamingError"],
    "S3's reply was not readable": ["ResponseParserError"],
    "The folder of local logs cannot be written to": ["PermissionError", "NotADirectoryError", "FileExistsError"],
}  # fmt: skip  # one meaning a line
_BY_NAME = {name: sentence for sentence, names in _SENTENCES.items() for name in names}


def code_sentence(code: str) -> str:
    """Return the sentence for an error code or HTTP status from S3."""
    # the code is text from outside
    known = code if _IS_CODE.fullmatch(code) else "an unknown error"
    return _sentence(known, f"S3 answered {known}.")


def exception_sentence(error: Exception) -> str:
    """Return the sentence for an exception on the way to S3 or to the local folder."""
    name = type(error).__name__
    return _sentence(name, f"The log could not be written ({name}).")


def _sentence(name: str, otherwise: str) -> str:
    return f"{_BY_NAME[name]} ({name})." if name in _BY_NAME else otherwise
