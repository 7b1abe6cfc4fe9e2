"""Writes what is inside for machines (CycloneDX) and for people (all licences in one file)."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import description
from materials import Material

LICENCES = "third-party-licences.txt"
MATERIALS = "sbom.cdx.json"
_SPDX = {
    *("MIT", "MIT-0", "MIT-CMU", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0", "LGPL-3.0-only"),
    *("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "CC0-1.0", "PostgreSQL", "Unlicense", "Zlib"),
    *("Unicode-3.0", "LLVM-exception", "Bootloader-exception", "Bitstream-Vera"),
}
"""The names of SPDX that occur among the libraries."""
_RULE = "=" * 78


def write_bill(materials: Sequence[Material], path: Path, moment: datetime) -> None:
    """Write the bill of materials as CycloneDX 1.6 JSON; the same materials and moment give the same file."""
    listed = "\n".join(f"{each.name} {each.version}" for each in materials)
    product = {
        "type": "application",
        "bom-ref": description.NAME,
        "name": description.NAME,
        "version": description.VERSION,
        "licenses": _licences(description.LICENCE),
    }
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{description.VERSION} {listed}')}",
        "version": 1,
        "metadata": {"timestamp": moment.isoformat(), "component": product},
        "components": [_component(each) for each in materials],
        "dependencies": [{"ref": description.NAME, "dependsOn": [_reference(each) for each in materials]}],
    }
    path.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _component(each: Material) -> dict[str, object]:
    said: dict[str, object] = {"type": "library", "bom-ref": _reference(each), "name": each.name}
    said["version"] = each.version
    if each.licence:
        said["licenses"] = _licences(each.licence)
    if each.purl:
        said["purl"] = each.purl
    return said


def _reference(each: Material) -> str:
    return f"{each.name}@{each.version}"


def _licences(said: str) -> list[dict[str, object]]:
    """An expression of SPDX where it is one, and else the words that were used."""
    words = said.replace("(", " ").replace(")", " ").split()
    if all(word in _SPDX for word in words if word not in {"AND", "OR", "WITH"}):
        return [{"expression": said}]
    return [{"license": {"name": said}}]


def write_licences(materials: Sequence[Material], path: Path) -> None:
    """Write who made what is inside, and all terms; equal texts stand once."""
    numbers: dict[str, int] = {}
    lines = [f"{description.TITLE} {description.VERSION} contains the work of others:", ""]
    for each in materials:
        places = [numbers.setdefault(text.strip(), len(numbers) + 1) for text in each.texts]
        where = f" (texts {', '.join(map(str, places))})" if places else ""
        lines.append(f"{each.name} {each.version}: {each.licence or 'see its text'}{where}")
    for text, number in numbers.items():
        lines += ["", _RULE, f"Text {number}", _RULE, "", text]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
