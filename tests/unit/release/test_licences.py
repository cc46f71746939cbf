"""The licences of what is in the image, and what a renewal of the locks shows of them."""

from pathlib import Path

import pytest

from release import licences
from release.licences import licences_of, refusal
from release.lock_changes import changes, refusals
from release.locks import Package, read


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, *fields: str, version: str = "1.0") -> Package:
    """Install a package with these fields of metadata, and return it as the lock pins it."""
    information = folder / f"aaa_tested-{version}.dist-info"
    information.mkdir()
    header = ["Metadata-Version: 2.4", "Name: aaa-tested", f"Version: {version}"]
    (information / "METADATA").write_text("\n".join([*header, *fields, ""]))
    monkeypatch.syspath_prepend(folder)
    return Package("aaa-tested", "1.0", None, (), ())


def test_each_dependency_in_the_image_has_an_allowed_licence() -> None:
    assert refusals() == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (["License-Expression: Apache-2.0 OR BSD-3-Clause"], "Apache-2.0 OR BSD-3-Clause"),
        (["License: MIT"], "MIT"),
        (["License: Apache License 2.0"], "Apache-2.0"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["Classifier: License :: OSI Approved :: BSD License"], "BSD License"),
        (["License-Expression: MIT OR GPL-3.0-only"], "MIT OR GPL-3.0-only"),
        (["License-Expression: Apache-2.0 AND MIT"], "Apache-2.0 AND MIT"),
    ],
)
def test_the_metadata_s_own_words_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: list[str], found: str
) -> None:
    package = installed(tmp_path, monkeypatch, *fields)
    assert licences_of(package) == (found,)
    assert refusal(package) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([], "names no licence"),
        (["License: see the file"], "names no licence"),
        (["License-Expression: GPL-3.0-or-later"], "a copyleft licence"),
        (["License-Expression: AGPL-3.0-only"], "a copyleft licence"),
        (["License-Expression: MIT AND GPL-2.0-only"], "a copyleft licence"),
        (["Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], "a copyleft licence"),
        (
            [
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: GNU Affero General Public License v3",
            ],
            "a copyleft licence",
        ),
        (["License-Expression: BUSL-1.1"], "a licence that a runtime dependency may not have, BUSL-1.1"),
    ],
)
def test_other_licences_are_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: list[str], words: str
) -> None:
    sentence = refusal(installed(tmp_path, monkeypatch, *fields))
    assert sentence
    assert sentence.startswith("aaa-tested 1.0 ")
    assert words in sentence


def test_the_licence_of_another_version_is_not_taken_for_that_of_the_locked_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert licences_of(installed(tmp_path, monkeypatch, "License: MIT", version="2.0")) == ()


def test_no_allowed_licence_is_strong_copyleft() -> None:
    assert not [name for name in licences.ALLOWED if "GPL" in name and "Lesser" not in name]


def test_a_lock_is_read_with_hashes_platforms_and_reasons(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text(
        "anyio==4.1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via\n    #   httpx2\n    #   mcp\n"
        "pywin32==312 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n    # via mcp\n"
    )
    anyio, pywin32 = read(lock)
    assert (anyio.name, anyio.version, anyio.hashes) == ("anyio", "4.1.0", ("aa", "bb"))
    assert anyio.wanted_by == ("httpx2", "mcp")
    assert anyio.is_in_image
    assert pywin32.version == "312"
    assert not pywin32.is_in_image


def test_a_renewal_shows_each_change_and_nothing_else() -> None:
    old = {"requirements.lock": {"a": ("1", "MIT"), "b": ("1", "MIT"), "c": ("1", "MIT"), "d": ("1", "MIT")}}
    new = {"requirements.lock": {"a": ("1", "MIT"), "b": ("2", "MIT"), "c": ("2", "BUSL-1.1"), "e": ("1", "")}}
    assert list(changes(old, new)) == [
        "requirements.lock  b  1 → 2  MIT",
        "requirements.lock  c  1 → 2  MIT → BUSL-1.1",
        "requirements.lock  d  1 → -  MIT → -",
        "requirements.lock  e  - → 1",
    ]
