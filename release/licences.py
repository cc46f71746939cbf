"""The licences that the packages' own metadata names, and those that a runtime dependency may have."""

import re
from importlib import metadata

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from release.locks import Package

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        # num2words is imported as it was published, which this licence allows to any program
        "GNU Library or Lesser General Public License (LGPL)",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
    }
)
"""SPDX identifiers, and names of classifiers that have none: permissive licences and weak copyleft."""

_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
}


def licences_of(package: Package) -> tuple[str, ...]:
    """Return what the installed metadata says: an SPDX expression if it has one, otherwise the classifiers' names.

    Empty if it says nothing, or if this version is not installed.
    """
    try:
        found = metadata.metadata(package.name).json
    except metadata.PackageNotFoundError:
        return ()
    if found["version"] != package.version:
        return ()
    for field in ("license_expression", "license"):
        if expression := _expression(str(found.get(field, ""))):
            return (expression,)
    classifiers = found.get("classifier", [])
    names = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License :: OSI")]
    return tuple(_SPDX.get(name, name) for name in names)


def is_spdx(licence: str) -> bool:
    """Return True for an SPDX expression, False for any other name."""
    return bool(_expression(licence))


def refusal(package: Package) -> str | None:
    """Return a sentence if a runtime dependency may not have this package's licence, otherwise None."""
    licences = licences_of(package)
    if not licences:
        return f"{package.name} {package.version} names no licence that we know, or is not installed."
    refused = [licence for licence in licences if not _is_allowed(licence)]
    if not refused:
        return None
    kind = "a copyleft licence" if re.search(r"\bA?GPL|Affero|\bGeneral Public", refused[0]) else "a licence"
    return (
        f"{package.name} {package.version} has {kind} that a runtime dependency may not have, {refused[0]}: "
        "see ALLOWED in release/licences.py."
    )


def _expression(text: str) -> str:
    try:
        return canonicalize_license_expression(_SPDX.get(text, text))
    except InvalidLicenseExpression:
        return ""


def _is_allowed(licence: str) -> bool:
    # AND binds more tightly than OR; what is in brackets is in no list, so a person decides
    return any(set(one.split(" AND ")) <= ALLOWED for one in licence.split(" OR "))
