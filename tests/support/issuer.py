"""An issuer of access tokens, as a server on loopback."""

import functools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

JWKS_PATH = "/keys"
OAUTH_PATH = "/.well-known/oauth-authorization-server"
OPENID_PATH = "/.well-known/openid-configuration"


def new_key(algorithm: str) -> PrivateKeyTypes:
    """Return a new private key for RS*/PS* or ES256."""
    if algorithm.startswith("ES"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def _key(_key_id: str, algorithm: str) -> PrivateKeyTypes:
    # a new one takes longer than most tests
    return new_key(algorithm)


def public_jwk(key: Any, **more: str) -> dict[str, Any]:
    """Return the public half of a key as a JWK."""
    kind = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), **more}


@dataclass
class Issuer:
    """The server's state; tests change it while it serves."""

    url: str
    audience: str
    documents: dict[str, Any] = field(default_factory=dict)
    """The answer of each path; any other path is a 404."""
    asked: list[str] = field(default_factory=list)
    """The requested paths."""
    silence: threading.Event = field(default_factory=threading.Event)
    """While set, requests wait."""
    keys: dict[str, Any] = field(default_factory=dict)
    """The private keys by their id."""

    def publish(self, key_id: str, algorithm: str = "RS256") -> None:
        """Sign with the key of this id from now on, and show its public half alone."""
        self.keys[key_id] = _key(key_id, algorithm)
        jwk = public_jwk(self.keys[key_id], kid=key_id, alg=algorithm, use="sig")
        self.documents[JWKS_PATH] = {"keys": [jwk]}

    def token(
        self, scope: Any = "quotations:dev", *, key_id: str = "first", algorithm: str = "RS256", **changes: Any
    ) -> str:
        """Return a token; a change to None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": self.audience,
            "sub": "ana",
            "client_id": "desk",
            "iat": now,
            "exp": now + 600,
            "scope": scope,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.keys[key_id], algorithm, {"kid": key_id, "typ": "at+jwt"})


@contextmanager
def serve_issuer(audience: str = "https://quotations.test/mcp") -> Iterator[Issuer]:
    """Serve an issuer with one key, whose address is in its OAuth metadata."""
    issuer = Issuer("", audience)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            while issuer.silence.is_set():
                time.sleep(0.01)
            document = issuer.documents.get(self.path)
            self.send_response(404 if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(document if isinstance(document, bytes) else json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        issuer.documents[OAUTH_PATH] = {"issuer": issuer.url, "jwks_uri": issuer.url + JWKS_PATH}
        issuer.publish("first")
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
