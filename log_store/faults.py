"""The table from errors of S3, of the way to it and of the local disk to sentences; all are transient.

A log never fails a quotation: it is tried until the cause in the sentence is fixed. Codes are those of
Amazon's list of S3 error responses, names are those of exceptions in botocore and Python.
"""

import re
from typing import Literal

from log_store.errors import DeniedError, RefusedError

Right = Literal["GetObject", "PutObject"]

_DENIED = ("AccessDenied", "AllAccessDisabled", "401", "403")
_DENIED_SENTENCES: dict[Right, str] = {
    "GetObject": "S3 does not let this key read from the bucket ({}): it needs the right GetObject.",
    "PutObject": "S3 does not let this key write to the bucket ({}): it needs the right PutObject, "
    "and some buckets demand S3_SERVER_SIDE_ENCRYPTION.",
}

_IS_CODE = re.compile(r"[A-Za-z0-9.]{1,60}", re.ASCII)

_SENTENCES = {
    "S3 has no bucket of the configured name": ["NoSuchBucket"],
    "S3 refused the credentials": ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"],
    "There are no credentials for S3": ["NoCredentialsError", "PartialCredentialsError"],
    "The clocks of S3 and this machine differ": ["RequestTimeTooSkewed", "RequestExpired"],
    "The bucket is in another region or at another address": [
        "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "302", "307", "308",
    ],
    "This S3 lacks conditional writes or the encryption of S3_SERVER_SIDE_ENCRYPTION": ["NotImplemented", "501"],
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


def refusal(code: str, right: Right) -> RefusedError:
    """Return the error for an error code or HTTP status from S3, of a call that needs this right."""
    if code in _DENIED:
        return DeniedError(code, _DENIED_SENTENCES[right].format(code))
    # the code is text from outside
    known = code if _IS_CODE.fullmatch(code) else "an unknown error"
    return RefusedError(code, _sentence(known, f"S3 answered {known}."))


def exception_sentence(error: Exception) -> str:
    """Return the sentence for an exception on the way to S3 or to the local folder."""
    name = type(error).__name__
    return _sentence(name, f"The log could not be written ({name}).")


def _sentence(name: str, otherwise: str) -> str:
    return f"{_BY_NAME[name]} ({name})." if name in _BY_NAME else otherwise
