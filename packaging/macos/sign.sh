#!/bin/sh
# Signs Labkeep.app from the inside out: sign.sh dist/Labkeep.app
# LABKEEP_SIGN_IDENTITY is a "Developer ID Application: …" of the keychain; without it nothing is done, and macOS lets
# the application be opened only after a person's word (System Settings, Privacy & Security).
set -eu
app=$1
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${LABKEEP_SIGN_IDENTITY:-}" ]; then
    echo "LABKEEP_SIGN_IDENTITY is not set: $app is not signed."
    exit 0
fi
sign() {
    codesign --force --timestamp --options runtime --sign "$LABKEEP_SIGN_IDENTITY" "$@"
}
# Every program and library, also PostgreSQL's, which lie there as data: a bundle is not signed through by itself.
find "$app/Contents" -type f | while IFS= read -r file; do
    case $(file -b "$file") in
        *Mach-O*executable*) sign --entitlements "$here/entitlements.plist" "$file" ;;
        *Mach-O*) sign "$file" ;;
    esac
done
sign --entitlements "$here/entitlements.plist" "$app"
codesign --verify --deep --strict --verbose=2 "$app"
