"""The base of all caller input: lenient if the meaning is certain, otherwise strict."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from quotation.forgiving.absent import is_blank, is_placeholder, is_zero
from quotation.forgiving.envelopes import opened
from quotation.forgiving.json_text import decoded
from quotation.forgiving.names import unknown_field

UNKNOWN_FIELD = "unknown_field"
"""The type of the error for a field that does not exist."""

_EXTRA = "extra_forbidden"
_MOST_UNKNOWN = 10
_KNOWN_TYPES = frozenset(get_args(ErrorType))
# every larger float may stand for several integers
_LARGEST_FLOAT = 2.0**53
_LARGEST_INTEGER = 10**64


class Arguments(BaseModel):
    """The input of a caller: a body, the arguments of a tool or the parameters of a query.

    Empty values and placeholders count as absent. Numbers may be sent as text, integers as text fields, and lists
    and objects as JSON text, the whole input included. It may be in an envelope. An unknown field is an error.

    Raises:
        pydantic.ValidationError: The input is not valid. The messages never repeat a text of it.

    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="wrap")
    @classmethod
    def _forgive(cls, data: Any, handler: ModelWrapValidatorHandler["Arguments"]) -> Any:
        data = decoded(data, dict)
        try:
            if isinstance(data, Mapping):
                data = cls.filled_in(opened(data, cls.model_fields))
            return handler(data)
        except ValidationError as error:
            raise _naming_unknown_fields(error, cls) from None

    @classmethod
    def filled_in(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that are filled in, in the form that their rules expect; unknown ones stay."""
        kinds = _kinds(cls)
        given: dict[str, Any] = {}
        for name, value in data.items():
            if name not in kinds:
                given[name] = value
                continue
            read = _in_kind(value, kinds[name])
            if not _is_absent(read, name, kinds[name], is_required=cls.model_fields[name].is_required()):
                given[name] = read
        return given


def _is_absent(value: object, name: str, kind: type, *, is_required: bool) -> bool:
    if is_blank(value):
        return True
    if is_required:
        # refused by the field's own rules
        return False
    return is_placeholder(value) or (kind is int and name.endswith("_id") and is_zero(value))


def _in_kind(value: Any, kind: type) -> Any:
    """Return the value converted to the type of its field if that is certain, otherwise unchanged."""
    if issubclass(kind, str):
        text = _digits(value)
        return text.strip().lower() if issubclass(kind, Enum) and isinstance(text, str) else text
    if kind is bool and isinstance(value, str):
        return value.strip().lower()
    if kind is dict:
        return decoded(value, dict)
    if kind is list:
        items = decoded(value, list)
        return [decoded(item, dict) for item in items] if isinstance(items, list) else items
    return value


def _digits(value: object) -> object:
    """Return an integer for a text, e.g. a telephone number, as its digits."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_FLOAT:
        value = int(value)
    if isinstance(value, int) and 0 <= value < _LARGEST_INTEGER:
        return str(value)
    return value


@cache
def _kinds(model: type[BaseModel]) -> dict[str, type]:
    return {name: _kind(field.annotation) for name, field in model.model_fields.items()}


def _kind(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin is None:
        return annotation if isinstance(annotation, type) else object
    if isinstance(origin, type) and not any(part is NoneType for part in get_args(annotation)):
        return origin
    # all unions of our models are of one type and null
    return next(_kind(part) for part in get_args(annotation) if part is not NoneType)


def _naming_unknown_fields(error: ValidationError, model: type[BaseModel]) -> ValidationError:
    """Return the error with the field that was probably meant in place of each unknown one."""
    problems = error.errors(include_url=False)
    if all(problem["type"] != _EXTRA for problem in problems):
        return error
    # looking for a name takes time, and a body may have thousands of unknown fields
    told = [problem for problem in problems if problem["type"] != _EXTRA]
    told += [problem for problem in problems if problem["type"] == _EXTRA][:_MOST_UNKNOWN]
    details = [_detail(problem, model) for problem in told]
    return ValidationError.from_exception_data(error.title, details, hide_input=True)


def _detail(problem: ErrorDetails, model: type[BaseModel]) -> InitErrorDetails:
    kind: str | PydanticCustomError = problem["type"]
    context = problem.get("ctx", {})
    if kind == _EXTRA:
        message = unknown_field(str(problem["loc"][-1]), model.model_fields)
        kind = PydanticCustomError(UNKNOWN_FIELD, "{message}", {"message": message})
    elif kind not in _KNOWN_TYPES:
        kind = PydanticCustomError(problem["type"], "{message}", {**context, "message": problem["msg"]})
    return InitErrorDetails(type=kind, loc=problem["loc"], input=problem["input"], ctx=context)
