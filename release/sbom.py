"""`python -m release.sbom`: prints what is in the image, as CycloneDX.

The same lock file and the same installed metadata make the same bytes, so it has no serial number and no time.
"""

import json
import re
import sys
from typing import Any

from release import NAME, ROOT
from release.licences import is_spdx, licences_of
from release.locks import Package, read
from release.versions import version

_ROOT_REF = NAME


def sbom() -> dict[str, Any]:
    """Return the components: the base image, whose packages its own SBOM names, and the locked dependencies."""
    packages = [package for package in read(ROOT / "requirements.lock") if package.is_in_image]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": _ROOT_REF, "name": NAME, "version": version(ROOT)}
        },
        "components": [_base_image(), *(_component(package) for package in packages)],
        "dependencies": _dependencies(packages),
    }


def _base_image() -> dict[str, Any]:
    dockerfile = (ROOT / "Dockerfile").read_text()
    [(name, tag)] = re.findall(r"(?m)^FROM (\S+):(\S+) AS base$", dockerfile)
    purl = f"pkg:docker/{name}@{tag}"
    return {"type": "container", "bom-ref": purl, "name": name, "version": tag, "purl": purl}


def _component(package: Package) -> dict[str, Any]:
    purl = _purl(package)
    licences = licences_of(package)
    if len(licences) == 1 and is_spdx(licences[0]):
        named: list[dict[str, Any]] = [{"expression": licences[0]}]
    else:
        named = [{"license": {"name": licence}} for licence in licences]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "licenses": named,
        # a hash of its own would be that of one file; the image has the one for its platform
        "externalReferences": [
            {
                "type": "distribution",
                "url": purl,
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
            }
        ],
    }


def _dependencies(packages: list[Package]) -> list[dict[str, Any]]:
    refs = {NAME: _ROOT_REF} | {package.name: _purl(package) for package in packages}
    return [
        {"ref": ref, "dependsOn": [_purl(package) for package in packages if name in package.wanted_by]}
        for name, ref in refs.items()
    ]


def _purl(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


if __name__ == "__main__":
    json.dump(sbom(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
