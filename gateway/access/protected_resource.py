"""Metadata that names the issuer of this gateway's tokens (RFC 9728), if OAuth is on.

The SDK's `create_protected_resource_routes` answers at one path only and adds a slash to the issuer's name, which
clients compare letter by letter.
"""

from urllib.parse import urlsplit

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from gateway.access.oauth import scope_of
from gateway.settings import GatewaySettings

_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_MCP_PATH = "/mcp"


class Metadata(BaseModel):
    """The gateway's metadata as a protected resource."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str] = ["header"]
    resource_name: str = "Durable quotations"


class ProtectedResource:
    """The metadata, its address and the routes that serve it."""

    def __init__(self, audience: str, issuer: str, scopes: list[str]) -> None:
        parts = urlsplit(audience)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self.scopes = scopes
        self.metadata = Metadata(resource=audience, authorization_servers=[issuer], scopes_supported=scopes)
        segments = self._path.split("/")
        # clients that know only the host, or the MCP endpoint, ask at the first two; a proxy may strip a prefix
        suffixes = {"", _MCP_PATH, *("/" + "/".join(segments[start:]) for start in range(1, len(segments)))}
        self.paths = frozenset(_WELL_KNOWN + suffix for suffix in suffixes)

    def metadata_url(self, prefix: str) -> str:
        """Return the address of the metadata for clients that reach the gateway under this path prefix."""
        return f"{self._origin}{prefix}{_WELL_KNOWN}{self._path.removeprefix(prefix)}"

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "ProtectedResource | None":
        """Create the resource of these settings, or return None if OAuth is off or no audience is a URL."""
        issuer, resource = settings.gateway_oauth_issuer, settings.oauth_resource
        if issuer is None or resource is None:
            return None
        return cls(resource, issuer, [scope_of(environment) for environment in settings.environments])

    def routes(self) -> list[BaseRoute]:
        """Create the routes that answer with the metadata."""

        async def read(_: Request) -> JSONResponse:
            return JSONResponse(self.metadata.model_dump())

        return [Route(path, read, methods=["GET"]) for path in sorted(self.paths)]
