"""What a desktop of Linux reads of the package: menu entry, type of profile files, icons."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import description


def desktop_entry() -> str:
    """The menu entry (Desktop Entry Specification 1.4); the program takes a profile's file or a link."""
    types = (description.PROFILE_TYPE, f"x-scheme-handler/{description.LINK_SCHEME}")
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.4",
        f"Name={description.TITLE}",
        f"GenericName={description.GENERIC_NAME}",
        f"Comment={description.SUMMARY}",
        *(f"Comment[{language}]={text}" for language, text in description.SUMMARIES.items()),
        f"Exec={description.WINDOW.name} %u",
        f"Icon={description.NAME}",
        "Terminal=false",
        f"Categories={_listed(description.CATEGORIES)}",
        f"Keywords={_listed(description.KEYWORDS)}",
        f"MimeType={_listed(types)}",
        "StartupNotify=true",
        f"StartupWMClass={description.NAME}",
    ]
    return "".join(f"{line}\n" for line in lines)


def mime_types() -> str:
    """The type of profile files by their ending (Shared MIME-info Database)."""
    comments = "".join(
        f"    <comment{f' xml:lang={quoteattr(language)}' if language else ''}>{escape(text)}</comment>\n"
        for language, text in description.PROFILE_COMMENT.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">\n'
        f"  <mime-type type={quoteattr(description.PROFILE_TYPE)}>\n"
        f"{comments}"
        '    <sub-class-of type="application/toml"/>\n'
        f"    <icon name={quoteattr(description.NAME)}/>\n"
        f"    <glob pattern={quoteattr(f'*{description.PROFILE_SUFFIX}')}/>\n"
        "  </mime-type>\n"
        "</mime-info>\n"
    )


def write_icons(theme: Path) -> list[Path]:
    """Write the icon as SVG and as pictures of all sizes into a theme's folder, and return the files.

    Drawn by Qt, which the package needs anyway.
    """
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    scalable = theme / "scalable" / "apps" / f"{description.NAME}.svg"
    scalable.parent.mkdir(parents=True)
    scalable.write_bytes(description.ICON.read_bytes())
    drawing = QSvgRenderer(str(description.ICON))
    if not drawing.isValid():
        raise SystemExit(f"{description.ICON} is no drawing.")
    written = [scalable]
    for size in description.ICON_SIZES:
        picture = QImage(size, size, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        drawing.render(painter)
        painter.end()
        path = theme / f"{size}x{size}" / "apps" / f"{description.NAME}.png"
        path.parent.mkdir(parents=True)
        if not picture.save(str(path)):
            raise SystemExit(f"{path} could not be written.")
        written.append(path)
    return written


def _listed(values: tuple[str, ...]) -> str:
    return "".join(f"{value};" for value in values)
