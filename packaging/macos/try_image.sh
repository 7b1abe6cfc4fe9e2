#!/bin/sh
# Opens the disk image, copies the application out of it as a person does, and tries it:
# try_image.sh dist/labkeep-VERSION-macos-arm64.dmg
set -eu
image=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
mkdir "$work/volume" "$work/Applications"
trap 'hdiutil detach -quiet "$work/volume" 2>/dev/null || true; rm -rf "$work"' EXIT
hdiutil attach "$image" -nobrowse -readonly -mountpoint "$work/volume"
test "$(readlink "$work/volume/Applications")" = /Applications
ditto "$work/volume/Labkeep.app" "$work/Applications/Labkeep.app"
hdiutil detach "$work/volume"
plutil -lint "$work/Applications/Labkeep.app/Contents/Info.plist"
codesign --verify --deep --strict "$work/Applications/Labkeep.app"
python "$here/../smoke_test.py" "$work/Applications/Labkeep.app"
