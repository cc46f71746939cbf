"""Texts that a test knows by their form only."""

import re


class Form:
    """Equals each text of this form."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self._pattern, other) is not None

    def __hash__(self) -> int:
        return hash(self._pattern)

    def __repr__(self) -> str:
        return f"<a text like {self._pattern}>"


ESTIMATED_TIME = Form(r"[1-9]\d*-[1-9]\d* segundos")
"""The estimate of a start, which depends on the quotations before."""
