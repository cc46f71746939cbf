"""moto's S3 in place of SeaweedFS: what is put into its bucket is kept in `/data`."""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from moto.server import MotoRequestHandler
from werkzeug.serving import run_simple

FOLDER = Path("/data")
KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
BUCKET = os.environ["S3_BUCKET"]

Environment = dict[str, Any]
Respond = Callable[..., Any]

backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
application = DomainDispatcherApplication(create_backend_app)


def answer(environment: Environment, respond: Respond) -> Iterable[bytes]:
    """Pass a request on and keep what it has put, or refuse it if it has another key than this store."""
    if environment["PATH_INFO"] == "/healthz":
        return _bare("200 OK", respond)
    if f"Credential={KEY_ID}/" not in environment.get("HTTP_AUTHORIZATION", ""):
        return _bare("403 Forbidden", respond)
    body = list(application(environment, respond))
    bucket, _, key = environment["PATH_INFO"].removeprefix("/").partition("/")
    if environment["REQUEST_METHOD"] == "PUT" and bucket == BUCKET and key:
        _keep(key)
    return body


def restore() -> None:
    """Create the bucket with the objects of earlier runs."""
    backend.create_bucket(BUCKET, "us-east-1")
    for file in FOLDER.glob("[!.]*"):
        backend.put_object(BUCKET, unquote(file.name), file.read_bytes())


def _keep(key: str) -> None:
    stored = backend.get_object(BUCKET, key)
    if stored is not None:
        partial = FOLDER / f".{quote(key, safe='')}"
        partial.write_bytes(stored.value)
        partial.rename(FOLDER / quote(key, safe=""))


def _bare(status: str, respond: Respond) -> Iterable[bytes]:
    respond(status, [("Content-Length", "0")])
    return []


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
restore()
run_simple("0.0.0.0", 8333, answer, threaded=True, request_handler=MotoRequestHandler)  # noqa: S104  # its port is published on loopback
