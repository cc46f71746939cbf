import itertools
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.search.like import having_letters, having_words, patterns
from activities.search.words import Word, fold, plain, said
from sandbox.standin_odoo.domains import matches

ACCENTS = "áéíóúüñàèìòùâêîôûãõçäëïöÁÉÑÜ"
RARE = "ďđðğģĝħĥĵķłľřŕšśşșťțţŧŵýỳžźż"
LETTERS = "aeinoucbdlmrstzABEN09%_\\-."
texts = st.text(st.sampled_from(LETTERS + ACCENTS + "ßøйçğ漢"), min_size=1, max_size=12)


def bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


def is_found(word: Word, name: str) -> bool:
    return matches(having_words([word], ["name"]), lambda _: name)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("INSTALACIÓN", "instalacion"),
        ("Pingüino Ñandú", "pinguino nandu"),
        ("instalacio\u0301n", "instalacion"),
        ("Røde Łódź", "rode lodz"),
        ("50 m²", "50 m²"),
        ("한국 й", "한국 и"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(text=texts)
def test_a_text_is_found_as_it_stands(text: str) -> None:
    for one in (text, text.lower(), text.upper()) if len(text.upper()) == len(text) else (text, text.lower()):
        for word in said(one):
            assert word.is_in([text])
            assert is_found(word, unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "name",
    ["instalación", "año", "té", "açaí", "unión", "ñandú", "refacción", "Ñuñoa", "crème brûlée", "São", "CÁMARA"],
)
def test_a_word_without_its_accents_is_found(name: str) -> None:
    for word in said(bare(name).lower()):
        assert word.is_in([name])
        assert is_found(word, f"Kit de {name}, nuevo")


@given(
    letters=st.lists(st.sampled_from("bdlmrst"), min_size=2, max_size=6), accents=st.text("áéíóúüñç", max_size=6)
)
def test_a_word_with_consonants_is_found_whatever_its_accents(letters: list[str], accents: str) -> None:
    name = "".join(a + b for a, b in itertools.zip_longest(letters, accents, fillvalue=""))
    (word,) = said(bare(name))
    assert word.is_in([name])
    assert is_found(word, name)


@given(
    text=st.text(st.sampled_from("aeoubcdfghjklmnpqrstvwxyz0%_áéü" + RARE), max_size=8),
    rare=st.sampled_from(RARE),
    place=st.integers(0, 8),
    case=st.sampled_from([str.lower, str.upper]),
)
def test_a_word_is_found_whatever_letters_have_accents(
    text: str, rare: str, place: int, case: Callable[[str], str]
) -> None:
    name = case(text[:place] + rare + text[place:])
    (word,) = said(fold(name))
    assert word.is_in([name])
    assert matches(having_letters([word], ["name"]), lambda _: f"Kit de {name}, nuevo")


@given(text=texts)
def test_accents_on_any_letter_find_no_less(text: str) -> None:
    for word in plain(said(text)):
        is_without = is_found(word, text)
        assert matches(having_letters([word], ["name", "code"]), lambda _: text) >= is_without


@given(text=texts)
def test_the_number_of_patterns_is_bounded(text: str) -> None:
    assert 1 <= len(patterns(text.lower())) <= 28


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("los robots", "Robot PUDU"),
        ("instalaciones", "Servicio de instalación"),
        ("bases", "Base de carga"),
        ("luces", "Luz LED"),
        ("luz", "Luces LED"),
        ("baterías", "Batería"),
        ("batteries", "Battery pack"),
        ("battery", "Batteries"),
        ("the robots", "Robot"),
        ("¿robot?", "Robot"),
        ("instalações", "Instalação"),
        ("unas bases para el robot", "Robot con base"),
    ],
)
def test_articles_and_plurals_give_way(query: str, name: str) -> None:
    words = plain(said(query))
    assert words
    for word in words:
        assert word.is_in([name])
        assert is_found(word, name)


@pytest.mark.parametrize(("query", "name"), [("bases", "Báscula"), ("robots", "Robotina"), ("meses", "Mesa")])
def test_another_number_is_a_whole_word(query: str, name: str) -> None:
    assert not any(word.is_in([name]) for word in plain(said(query)))


def test_articles_alone_leave_nothing() -> None:
    assert plain(said("el de la ¿?")) == []
