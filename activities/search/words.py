"""Words as people say them: without accents, in any case, with articles and plurals."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"
# Unicode does not decompose these letters
_STROKES = str.maketrans("øłđðħŧı", "olddhti")

_SPANISH = "el la los las lo un una unos unas al del de y e o u con para por en a que se me mi su tu nos es son"
_ENGLISH = "the a an of and or for with in to i me my is"
_PORTUGUESE = "o a os as um uma uns umas do da dos das e com"
_FRENCH = "le la les un une des du de et"
_FILLERS = frozenset(f"{_SPANISH} {_ENGLISH} {_PORTUGUESE} {_FRENCH}".split())
"""Articles, and other small words of a sentence, which other words may contain."""

_NUMBERS = (
    ("ces", "z"),
    ("ies", "y"),
    ("oes", "ao"),
    ("es", ""),
    ("s", ""),
    ("z", "ces"),
    ("y", "ies"),
)
"""The endings of plurals and singulars in Spanish, English and Portuguese, and what the other number has there."""

_SHORTEST_FORM = 2
_EDGES = re.compile(r"^\W+|\W+$")


def fold(text: str) -> str:
    """Return a text in lower case and without accents, so that texts can be compared as people hear them."""
    bare = _without_accents_of_their_own(unicodedata.normalize("NFD", text.lower()))
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


@dataclass(frozen=True)
class Word:
    """A word to look for. It may be a part of another word; its other `forms` are whole words."""

    text: str
    forms: tuple[str, ...] = ()

    def is_in(self, texts: Sequence[str]) -> bool:
        """Return True if one of the texts has the word, without regard to case and accents."""
        folded = [fold(text) for text in texts]
        wanted = fold(self.text)
        return any(wanted in text for text in folded) or any(
            re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in self.forms for text in folded
        )


def said(query: str) -> list[Word]:
    """Return the words of a query as they are."""
    # lower() leaves a combining accent after a capital letter such as the dotted I of Turkish
    texts = _without_accents_of_their_own(unicodedata.normalize("NFC", query.lower())).split()
    return [Word(text) for text in dict.fromkeys(texts)]


def _without_accents_of_their_own(text: str) -> str:
    return "".join(one for one in text if not _FIRST_ACCENT <= one <= _LAST_ACCENT)


def plain(words: Sequence[Word]) -> list[Word]:
    """Return the words without articles and punctuation, in singular and plural."""
    texts = dict.fromkeys(_EDGES.sub("", word.text) for word in words)
    return [Word(text, _other_numbers(fold(text))) for text in texts if text and fold(text) not in _FILLERS]


def _other_numbers(text: str) -> tuple[str, ...]:
    forms = [
        text.removesuffix(ending) + other
        for ending, other in _NUMBERS
        if text.endswith(ending) and len(text) - len(ending) >= _SHORTEST_FORM
    ]
    return tuple(dict.fromkeys(forms))
