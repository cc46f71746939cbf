"""A server in place of a model: it follows a script, and speaks the protocols of OpenAI and Gemini.

Frameworks send it the tools in a provider's form, run each call and send the output back; the server keeps both.
It answers OpenAI's `/chat/completions` and `/responses`, and Gemini's `:generateContent`.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A tool as it was sent to the model: its parameters in JSON schema, whatever the provider's spelling."""

    name: str
    description: str
    parameters: Json
    strict: bool


@dataclass(frozen=True)
class Call:
    """A call of a tool."""

    tool: str
    arguments: Json


Turn = Callable[[dict[str, Form], list[str]], Call]
"""Returns the next call, given the tools by their names and the outputs so far."""


@dataclass
class Model:
    """The server's state: the script, and the last request of a framework."""

    script: Sequence[Turn]
    url: str = ""
    forms: dict[str, Form] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    """The results that the model got, as JSON text unless they were text already."""

    def answer(self, path: str, body: Json) -> Json:
        """Return the model's next turn in the protocol of this path."""
        read, write = next(protocol for suffix, protocol in _PROTOCOLS.items() if path.endswith(suffix))
        self.forms, self.outputs = read(body)
        turn = len(self.outputs)
        call = self.script[turn](self.forms, self.outputs) if turn < len(self.script) else None
        return write(call, turn)


@contextmanager
def serve_model(script: Sequence[Turn]) -> Iterator[Model]:
    """Serve a model with this script."""
    model = Model(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(model.answer(self.path.partition("?")[0], body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield model
        server.shutdown()


def _text(output: Any) -> str:
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def _read_chat(body: Json) -> tuple[dict[str, Form], list[str]]:
    functions = [tool["function"] for tool in body["tools"]]
    outputs = [_text(message["content"]) for message in body["messages"] if message["role"] == "tool"]
    return _forms(functions), outputs


def _write_chat(call: Call | None, turn: int) -> Json:
    message: Json = {"role": "assistant", "content": "Done."}
    if call:
        function = {"name": call.tool, "arguments": json.dumps(call.arguments)}
        calls = [{"id": f"call_{turn}", "type": "function", "function": function}]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if call else "stop"}
    return {"id": f"chat_{turn}", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def _read_responses(body: Json) -> tuple[dict[str, Form], list[str]]:
    outputs = [_text(item["output"]) for item in body["input"] if item.get("type") == "function_call_output"]
    return _forms(body["tools"]), outputs


def _write_responses(call: Call | None, turn: int) -> Json:
    said = {"type": "output_text", "text": "Done.", "annotations": []}
    item: Json = {"type": "message", "id": f"msg_{turn}", "role": "assistant", "content": [said]}
    if call:
        arguments = json.dumps(call.arguments)
        item = {"type": "function_call", "id": f"fc_{turn}", "call_id": f"call_{turn}", "name": call.tool}
        item["arguments"] = arguments
    return {
        "id": f"resp_{turn}",
        "object": "response",
        "created_at": 0,
        "model": "m",
        "status": "completed",
        "output": [item | {"status": "completed"}],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }


def _read_gemini(body: Json) -> tuple[dict[str, Form], list[str]]:
    functions = [function for tool in body["tools"] for function in tool["functionDeclarations"]]
    parts = [part for content in body["contents"] for part in content["parts"]]
    outputs = [_text(part["functionResponse"]["response"]) for part in parts if "functionResponse" in part]
    return _forms(functions), outputs


def _write_gemini(call: Call | None, turn: int) -> Json:
    part: Json = {"text": "Done."}
    if call:
        part = {"functionCall": {"name": call.tool, "args": call.arguments}}
    content = {"role": "model", "parts": [part]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "responseId": str(turn)}


_PROTOCOLS = {
    "/chat/completions": (_read_chat, _write_chat),
    "/responses": (_read_responses, _write_responses),
    ":generateContent": (_read_gemini, _write_gemini),
}


# Gemini's API accepts its own names in both cases
_PARAMETERS = ("parameters", "parametersJsonSchema", "parameters_json_schema")


def _forms(functions: list[Json]) -> dict[str, Form]:
    forms = [
        Form(
            function["name"],
            function["description"],
            _json_schema(next(function[key] for key in _PARAMETERS if key in function)),
            strict=bool(function.get("strict")),
        )
        for function in functions
    ]
    return {form.name: form for form in forms}


def _json_schema(schema: Json) -> Json:
    """Return the schema with its types in JSON schema's spelling; Gemini writes them in capitals."""
    read = dict(schema)
    if isinstance(read.get("type"), str):
        read["type"] = read["type"].lower()
    if "properties" in read:
        read["properties"] = {name: _json_schema(part) for name, part in read["properties"].items()}
    if "items" in read:
        read["items"] = _json_schema(read["items"])
    return read
