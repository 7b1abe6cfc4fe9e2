#!/bin/sh
# Makes the disk image that people drag Labkeep out of: make_image.sh dist/Labkeep.app dist/labkeep-VERSION-macos-arm64.dmg
set -eu
app=$1
image=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# ditto keeps links, rights and signatures.
ditto "$app" "$work/image/$(basename "$app")"
ln -s /Applications "$work/image/Applications"
hdiutil create -volname Labkeep -srcfolder "$work/image" -fs HFS+ -format UDZO -imagekey zlib-level=9 -ov "$image"
if [ -n "${LABKEEP_SIGN_IDENTITY:-}" ]; then
    codesign --force --timestamp --sign "$LABKEEP_SIGN_IDENTITY" "$image"
fi
hdiutil verify "$image"
