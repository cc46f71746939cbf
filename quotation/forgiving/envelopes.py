"""Envelopes: objects in which platforms and frameworks send the fields of a call."""

from collections.abc import Collection, Mapping
from typing import Any

from quotation.forgiving.absent import is_blank
from quotation.forgiving.json_text import decoded
from quotation.forgiving.names import is_host_addition, plain

_ENVELOPES = {
    *("args", "arguments", "kwargs", "params", "parameters", "input", "inputs", "toolinput"),
    *("body", "data", "json", "payload", "request"),
}
_MOST = 20
"""How many fields an envelope may have; a body may have thousands of unknown ones, and reading them takes time."""


def opened(data: Mapping[str, Any], fields: Collection[str]) -> Mapping[str, Any]:
    """Return the fields of an input that may be in an envelope, or have a platform's own fields beside them.

    An envelope has none of the fields itself and holds exactly one object with some of them, e.g. `{"kwargs": {}}`
    of frameworks and `{"name": "", "call": {}, "args": {}}` of Retell. Any other input is returned as it is.
    """
    sent = {name: value for name, value in data.items() if not _is_of_platform(name, value)}
    if any(name in fields for name in sent):
        return sent
    if len(sent) > _MOST:
        return data
    contents = {name: decoded(value, dict) for name, value in sent.items() if plain(name) in _ENVELOPES}
    filled = {name: content for name, content in contents.items() if not is_blank(content)}
    others = [name for name in sent if name not in contents and name != "name" and not is_host_addition(name)]
    if others or len(filled) != 1:
        return data
    [content] = filled.values()
    if isinstance(content, Mapping) and any(name in fields for name in content):
        return content
    return data


def _is_of_platform(name: str, value: object) -> bool:
    """Return True for what Retell puts beside the arguments: the call, and what the agent says meanwhile."""
    return (name == "call" and isinstance(value, Mapping)) or name == "execution_message"
