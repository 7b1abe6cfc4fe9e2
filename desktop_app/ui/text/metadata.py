"""Metadata as people read and edit it."""

import json
from collections.abc import Mapping
from typing import Any


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """The JSON of a form's field; empty for an empty object."""
    return json.dumps(dict(metadata), ensure_ascii=False, indent=2) if metadata else ""
