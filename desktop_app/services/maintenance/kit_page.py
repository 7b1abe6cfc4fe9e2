"""A recovery kit as a page to print: its text, and its words once more as a QR code."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import segno

_WIDTH, _HEIGHT, _MARGIN = 210, 297, 20
_LINE = 5.4
"""Millimeters, as all sizes here: an A4 page."""
_CODE = 48


def qr_rows(words: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """The words as a QR code, row by row, true where it is dark; without the quiet zone of four around it.

    In capitals, which a QR code packs closer; a kit is read in any case.
    """
    code = segno.make_qr(" ".join(words).upper(), error="m")
    return tuple(tuple(bool(cell) for cell in row) for row in code.matrix)


def kit_svg(page: str, words: Sequence[str]) -> str:
    """The page as SVG, which every browser prints; ``RecoveryKit.from_words`` reads it as it reads the text."""
    lines = page.splitlines()
    texts = "".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * number:.1f}">{escape(line)}</text>\n'
        for number, line in enumerate(lines)
        if line
    )
    rows = qr_rows(words)
    top, side = _MARGIN + _LINE * (len(lines) + 1), _CODE / len(rows)
    dark = "".join(
        f"M{column} {line}h1v1h-1z" for line, row in enumerate(rows) for column, cell in enumerate(row) if cell
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}mm" height="{_HEIGHT}mm"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}">\n'
        f'<g font-family="monospace" font-size="3.9" xml:space="preserve">\n'
        f"{texts}</g>\n"
        f'<path transform="translate({_MARGIN} {top:.1f}) scale({side:.4f})" d="{dark}"/>\n</svg>\n'
    )
