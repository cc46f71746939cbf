"""Whether a program would take the arguments that a page gives it."""

import argparse
import ast
import importlib
import importlib.util
import itertools
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from operate.arguments import create_parser
from quotation.request import QuotationRequest
from sandbox.processes import BIN, ROOT
from tests.unit.docs.recorder import Call
from tests.unit.kubernetes import manifests

_MAKEFILE = (ROOT / "Makefile").read_text()
_OURS = {"localhost:8000", "127.0.0.1:8000", "quotations.example"}
"""The addresses of the gateway in the pages."""
_HEADERS = {"authorization", "content-type", "x-api-key"}


def check(call: Call, paths: dict[str, Any]) -> None:
    """Raise `AssertionError` if the program would refuse the arguments; `paths` are the gateway's."""
    arguments = [argument for argument in call.arguments if argument not in ("…", "...")]
    checks: dict[str, Callable[[list[str], str], None]] = {
        "curl": lambda arguments, stdin: _check_curl(arguments, stdin, paths),
        "docker": _check_docker,
        "kubectl": _check_kubectl,
        "make": _check_make,
        "python": check_python,
        "python3": check_python,
        "temporal": _check_temporal,
    }
    if call.program in checks:
        checks[call.program](arguments, call.stdin)


def _check_make(arguments: list[str], _stdin: str) -> None:
    for argument in arguments:
        name, is_variable, _ = argument.partition("=")
        if is_variable:
            assert re.search(rf"(?m)^{name} \?=|--build-arg {name}\b|\$\((?:\w+ )?{name}\b", _MAKEFILE), name
        elif not name.startswith("-"):
            assert re.search(rf"^{re.escape(name)}:", _MAKEFILE, re.MULTILINE), name


def check_python(arguments: list[str], stdin: str) -> None:
    """Check a program, a module or a text, and its options."""
    match arguments:
        case ["-c", text, *_]:
            check_source(text)
        case ["-", *_]:
            check_source(stdin)
        case ["-m", "operate", *rest]:
            if rest and not rest[0].isupper():
                create_parser().parse_args(rest)
        case ["-m", module, *rest]:
            spec = importlib.util.find_spec(module)
            assert spec, module
            if spec.submodule_search_locations:
                spec = importlib.util.find_spec(f"{module}.__main__")
            assert spec, module
            _check_options(Path(spec.origin or ""), rest)
        case ["--version"]:
            pass
        case [program, *rest]:
            _check_options(ROOT / program, rest)
        case _:
            raise AssertionError(arguments)


def _check_options(program: Path, arguments: Sequence[str]) -> None:
    source = program.read_text()
    for option in arguments:
        if option.startswith("-"):
            assert re.search(rf"[\"']{option}[\"']", source), (program, option)


def check_source(text: str) -> None:
    """Check that a text is Python, and that it imports what exists."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for name in node.names:
                importlib.import_module(name.name)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            for name in node.names:
                assert hasattr(module, name.name), f"{node.module}.{name.name}"


def _check_temporal(arguments: list[str], _stdin: str) -> None:
    if arguments:
        _check_help(str(BIN / "temporal"), "temporal", tuple(arguments))


def _check_kubectl(arguments: list[str], _stdin: str) -> None:
    own, inside = _split(arguments, "--")
    _check_help(str(manifests.kubectl()), "kubectl", tuple(own))
    _check_nested(inside)


def _check_docker(arguments: list[str], _stdin: str) -> None:
    """Check `docker compose`; there is no `docker` whose other commands could be checked."""
    if arguments[:1] != ["compose"]:
        assert arguments[0] in {"build", "inspect", "push", "tag"}
        return
    own = arguments[1:]
    inside: list[str] = []
    if own[0] in {"exec", "run"}:
        service = next(index for index, argument in enumerate(own) if argument in {"gateway", "worker"})
        own, inside = own[:service], own[service + 1 :]
    _check_help(str(BIN / "docker-compose"), "docker compose", tuple(own))
    _check_nested(inside)


def _split(arguments: list[str], separator: str) -> tuple[list[str], list[str]]:
    if separator not in arguments:
        return arguments, []
    place = arguments.index(separator)
    return arguments[:place], arguments[place + 1 :]


def _check_nested(arguments: list[str]) -> None:
    if arguments:
        assert arguments[0] == "python"
        check_python(arguments[1:], "")


@cache
def _check_help(binary: str, name: str, arguments: tuple[str, ...]) -> None:
    """Ask for help behind all arguments: it is shown only if the options before it are right."""
    done = subprocess.run([binary, *arguments, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    usage = re.search(rf"^(?:Usage:)?\s+{name} (.*)$", done.stdout[done.stdout.index("Usage:") :], re.MULTILINE)
    assert usage, done.stdout
    assert not re.search(r"\[command\]|SUBCOMMAND", usage[1]), f"{arguments}: {usage[1]}"
    command = list(itertools.takewhile(re.compile(r"[a-z][a-z-]*").fullmatch, usage[1].split()))
    words = [argument for argument in arguments if not argument.startswith("-")]
    assert words[: len(command)] == command, f"{arguments}: {usage[1]}"


def _check_curl(arguments: list[str], stdin: str, paths: dict[str, Any]) -> None:
    """Check the path, the parameters, the headers and the body of a request to the gateway."""
    options = _CURL.parse_args(arguments)
    if options.version:
        return
    url = urlsplit(options.url if "://" in options.url else f"http://{options.url}")
    if url.netloc not in _OURS:
        return
    path = next((path for path in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), url.path)), None)
    assert path, url.path
    method = (options.request or ("POST" if options.data else "GET")).lower()
    operation = paths[path][method]
    known = {(one["in"], one["name"].lower()) for one in operation.get("parameters", [])}
    assert {("query", name) for name in parse_qs(url.query)} <= known, url.query
    headers = {header.partition(":")[0].lower() for header in options.header}
    assert {("header", name) for name in headers - _HEADERS} <= known, headers
    if options.data:
        body = json.loads(stdin if options.data == "@-" else options.data)
        if path.endswith("/retry"):
            assert body.keys() <= QuotationRequest.model_fields.keys()
        else:
            QuotationRequest.model_validate(body)


_CURL = argparse.ArgumentParser(exit_on_error=False)
_CURL.add_argument("url", nargs="?")
_CURL.add_argument("-s", "-S", "-N", action="store_true")
_CURL.add_argument("--version", action="store_true")
_CURL.add_argument("-X", dest="request")
_CURL.add_argument("-H", dest="header", action="append", default=[])
_CURL.add_argument("-d", dest="data")
