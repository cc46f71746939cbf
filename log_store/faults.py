"""The table from errors of S3, of the way to it and of the local disk to sentences; all are transient.

A log never fails a quotation: it is tried until the cause in the sentence is fixed. Codes are those of
Amazon's list of S3 error responses, names are those of exceptions in botocore and Python.
"""

import re
from typing import Literal

from log_store.errors import (
    ChangedError,
    DeniedError,
    LogStoreError,
    MissingError,
    OutsideError,
    UnsupportedError,
)

Right = Literal["GetObject", "PutObject"]

_IS_CODE = re.compile(r"[A-Za-z0-9.]{1,60}", re.ASCII)

_DENIED: dict[Right, str] = {
    "GetObject": "S3 does not let this key read from the bucket ({}): it needs the right GetObject.",
    "PutObject": "S3 does not let this key write to the bucket ({}): it needs the right PutObject, "
    "and some buckets demand S3_SERVER_SIDE_ENCRYPTION.",
}

_SENTENCES = {
    "S3 does not have the object": ["NoSuchKey"],
    "S3 has no bucket with the configured name": ["NoSuchBucket"],
    "There is no S3 at the configured address": ["404", "405"],
    "S3 refused the credentials": ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"],
    "There are no credentials for S3": ["NoCredentialsError", "PartialCredentialsError"],
    "The clocks of S3 and this machine differ": ["RequestTimeTooSkewed", "RequestExpired"],
    "The bucket is in another region or at another address": [
        "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "302", "307", "308",
    ],
    "This S3 wants the bucket in the host name: set addressing_style = virtual in the file of AWS_CONFIG_FILE": [
        "SecondLevelDomainForbidden", "PathStyleDomainForbidden",
    ],
    "This S3 lacks conditional writes or the encryption of S3_SERVER_SIDE_ENCRYPTION": ["NotImplemented", "501"],
    "Another worker wrote the same log": ["PreconditionFailed", "ConditionalRequestConflict", "409", "412"],
    "S3 is overloaded": ["SlowDown", "ServiceUnavailable", "ThrottlingException", "TooManyRequests", "429", "503"],
    "S3 failed temporarily": ["InternalError", "500", "502", "504"],
    "S3 did not answer in time": ["RequestTimeout", "ConnectTimeoutError", "ReadTimeoutError"],
    "S3 could not be reached": ["EndpointConnectionError"],
    "The TLS connection to S3 failed": ["SSLError"],
    "The connection to S3 was lost": ["ConnectionClosedError", "HTTPClientError", "ResponseStreamingError"],
    "S3's reply could not be read": ["ResponseParserError"],
    "The folder of local logs cannot be written to": ["PermissionError", "NotADirectoryError", "FileExistsError"],
}  # fmt: skip  # one meaning a line
_BY_NAME = {name: sentence for sentence, names in _SENTENCES.items() for name in names}

_CLASSES = {
    "AccessDenied": DeniedError,
    "NoSuchKey": MissingError,
    "PreconditionFailed": ChangedError,
    "ConditionalRequestConflict": ChangedError,
    "NotImplemented": UnsupportedError,
    **dict.fromkeys(["RequestTimeTooSkewed", "RequestExpired", "SlowDown", "ServiceUnavailable"], OutsideError),
    **dict.fromkeys(["InternalError", "500", "502", "503", "504"], OutsideError),
}
# stores have their own codes, and some answer without one
_CLASSES_OF_STATUS: dict[int, type[LogStoreError]] = {
    400: UnsupportedError,
    401: DeniedError,
    403: DeniedError,
    404: MissingError,
    409: ChangedError,
    412: ChangedError,
    501: UnsupportedError,
}


def refusal(code: str, status: int, right: Right) -> LogStoreError:
    """Return the error for S3's answer to a call that needs this right. `code` may be the HTTP status."""
    error = _class(code, status)
    # the code is untrusted text
    name = code if _IS_CODE.fullmatch(code) else "an unknown error"
    if error is DeniedError:
        return error(_DENIED[right].format(name))
    return error(_sentence(name, f"S3 answered {name}."))


def _class(code: str, status: int) -> type[LogStoreError]:
    if code in _CLASSES:
        return _CLASSES[code]
    # without a code, another server than S3 may not know the address
    is_known = code in _BY_NAME and (not code.isdigit() or code == "404")
    return LogStoreError if is_known else _CLASSES_OF_STATUS.get(status, LogStoreError)


def exception_sentence(error: Exception) -> str:
    """Return the sentence for an exception on the way to S3 or to the local folder."""
    name = type(error).__name__
    return _sentence(name, f"The log could not be written ({name}).")


def _sentence(name: str, otherwise: str) -> str:
    return f"{_BY_NAME[name]} ({name})." if name in _BY_NAME else otherwise
