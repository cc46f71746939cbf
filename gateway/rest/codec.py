"""The codec of Temporal's UI: it shows operators what `PAYLOAD_KEYS` has encrypted (docs/reference.md, Codec)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from gateway.access.codec_callers import DECODE_PATH
from gateway.service.temporal.codec import HistoryCodec, MalformedPayloadsError
from gateway.web.problems import ProblemResponse


def create_router(codec: HistoryCodec) -> APIRouter:
    """Create the route of the codec. It is not part of the API, so the OpenAPI document does not have it."""
    router = APIRouter(include_in_schema=False)

    @router.post(DECODE_PATH, response_model=None)
    async def decode(
        body: dict[str, Any], response: Response, x_namespace: Annotated[str, Header()] = ""
    ) -> dict[str, Any] | Response:
        if x_namespace != codec.namespace:
            return ProblemResponse(HTTPStatus.FORBIDDEN, "X-Namespace must be the namespace of this gateway.")
        try:
            decoded = await codec.decode(body)
        except MalformedPayloadsError:
            sentence = "The body must be Temporal's Payloads as JSON."
            return ProblemResponse(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
        response.headers["Cache-Control"] = "no-store"
        return decoded

    return router
