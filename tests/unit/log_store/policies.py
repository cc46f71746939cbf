"""How other stores than moto answer: a policy stands between a request and moto's answer to it."""

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import md5

CONDITIONS = ("if-match", "if-none-match")


@dataclass(frozen=True)
class Request:
    """A request to S3; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """The answer of S3."""

    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes


Forward = Callable[[Request], Answer]
Policy = Callable[[Request, Forward], Answer]


def error(status: int, code: str) -> Answer:
    """Return an error as S3 words it."""
    content = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>quot_abc123def456</Message></Error>"
    return Answer(status, [("Content-Type", "application/xml")], content.encode())


def amazon(request: Request, forward: Forward) -> Answer:
    """Answer as S3 does for a key with all rights."""
    return forward(request)


def without_list(request: Request, forward: Forward) -> Answer:
    """Deny access to a missing object, as S3 does for a key without ListBucket (GetObject's reference)."""
    answer = forward(request)
    return error(403, "AccessDenied") if answer.status == 404 and b"NoSuchKey" in answer.content else answer


def without_right(method: str) -> Policy:
    """Deny a method, as S3 does for a key that has neither its right nor ListBucket."""

    def policy(request: Request, forward: Forward) -> Answer:
        return error(403, "AccessDenied") if request.method == method else without_list(request, forward)

    return policy


def without_checksums(request: Request, forward: Forward) -> Answer:
    """Refuse the headers that boto3 1.36 and later send by default, as stores do that do not know them."""
    unknown = [name for name in request.headers if name.startswith(("x-amz-checksum", "x-amz-sdk-checksum"))]
    trailing = "content-encoding" in request.headers or "x-amz-trailer" in request.headers
    return error(400, "InvalidArgument") if unknown or trailing else forward(request)


def with_encryption(algorithm: str) -> Policy:
    """Refuse writes without this encryption, as a bucket policy on `s3:x-amz-server-side-encryption` does."""

    def policy(request: Request, forward: Forward) -> Answer:
        is_encrypted = request.headers.get("x-amz-server-side-encryption") == algorithm
        return forward(request) if request.method != "PUT" or is_encrypted else error(403, "AccessDenied")

    return policy


def with_retention(request: Request, forward: Forward) -> Answer:
    """Refuse writes without a checksum, as a bucket with a default retention (Object Lock) does."""
    sent = request.headers.get("content-md5") == b64encode(md5(request.body).digest()).decode()  # noqa: S324
    return forward(request) if request.method != "PUT" or sent else error(400, "InvalidRequest")


def without_path_style(code: str) -> Policy:
    """Refuse a bucket in the path, as Alibaba's and Tencent's stores do."""

    def policy(_request: Request, _forward: Forward) -> Answer:
        return error(403, code)

    return policy


def without_encryption(request: Request, forward: Forward) -> Answer:
    """Refuse encryption, as MinIO does if it has no key server."""
    asks = "x-amz-server-side-encryption" in request.headers
    return error(501, "NotImplemented") if asks else forward(request)


def ignoring_conditions(request: Request, forward: Forward) -> Answer:
    """Write whatever the conditions say, as stores do that do not know them."""
    headers = {name: value for name, value in request.headers.items() if name not in CONDITIONS}
    return forward(replace(request, headers=headers))


def refusing_conditions(status: int, code: str) -> Policy:
    """Refuse conditional writes, as S3 did before August 2024."""

    def policy(request: Request, forward: Forward) -> Answer:
        is_conditional = request.method == "PUT" and any(name in request.headers for name in CONDITIONS)
        return error(status, code) if is_conditional else forward(request)

    return policy


def slow(seconds: float) -> Policy:
    """Answer everything, but late."""

    def policy(request: Request, forward: Forward) -> Answer:
        time.sleep(seconds)
        return forward(request)

    return policy


def removed_before_first_read() -> Policy:
    """Remove an object just before it is read for the first time, as a rule of the bucket may."""
    removed: list[str] = []

    def policy(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and not removed:
            removed.append(request.path)
            forward(replace(request, method="DELETE"))
        return forward(request)

    return policy
