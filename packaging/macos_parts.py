"""What macOS asks of an application: its icon, its Info.plist, and the bundle that PyInstaller makes of them."""

from pathlib import Path
from typing import Any

import description
import picture_files

FOLDER = Path(__file__).parent / "macos"
ENTITLEMENTS = FOLDER / "entitlements.plist"
WORK = description.PROJECT / "build" / "macos"
BUNDLE = f"{description.TITLE}.app"
IDENTIFIER = "org.labkeep.labkeep"
PROFILE_KIND = "org.labkeep.profile"
OLDEST = "13.0"
"""The oldest macOS that the wheels of Qt 6.11 run on."""


def information() -> dict[str, Any]:
    """Return what Info.plist says besides what PyInstaller writes: versions, types of files, links."""
    return {
        "CFBundleName": description.TITLE,
        "CFBundleDisplayName": description.TITLE,
        "CFBundleShortVersionString": description.VERSION,
        "CFBundleVersion": description.VERSION,
        "CFBundleDevelopmentRegion": "en",
        "LSMinimumSystemVersion": OLDEST,
        "LSApplicationCategoryType": "public.app-category.medical",
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # dark where the person's desktop is
        "NSHumanReadableCopyright": f"{description.LICENCE} licence",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": description.PROFILE_COMMENT[""],
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [PROFILE_KIND],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": PROFILE_KIND,
                "UTTypeDescription": description.PROFILE_COMMENT[""],
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": [description.PROFILE_SUFFIX.removeprefix(".")],
                    "public.mime-type": [description.PROFILE_TYPE],
                },
            }
        ],
        "CFBundleURLTypes": [
            {
                "CFBundleURLName": f"{IDENTIFIER}.link",
                "CFBundleTypeRole": "Viewer",
                "CFBundleURLSchemes": [description.LINK_SCHEME],
            }
        ],
    }


def write_icon() -> Path:
    """Write the icon into build/macos and return its path."""
    WORK.mkdir(parents=True, exist_ok=True)
    pictures = picture_files.drawn(description.ICON, tuple(set(picture_files.ICNS_TYPES.values())))
    icon = WORK / f"{description.NAME}.icns"
    icon.write_bytes(picture_files.icns(pictures))
    return icon


def bundle_options() -> dict[str, Any]:
    """Return the arguments of PyInstaller's BUNDLE."""
    return {
        "name": BUNDLE,
        "icon": str(write_icon()),
        "bundle_identifier": IDENTIFIER,
        "version": description.VERSION,
        "info_plist": information(),
    }
