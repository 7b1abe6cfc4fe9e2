#!/bin/sh
# Lets Apple look at the signed disk image, and staples its word to it: notarise.sh dist/labkeep-VERSION-macos-arm64.dmg
# LABKEEP_NOTARY_PROFILE names what `xcrun notarytool store-credentials` put into the keychain; without it nothing is done.
set -eu
image=$1
if [ -z "${LABKEEP_NOTARY_PROFILE:-}" ]; then
    echo "LABKEEP_NOTARY_PROFILE is not set: $image is not notarised."
    exit 0
fi
xcrun notarytool submit "$image" --keychain-profile "$LABKEEP_NOTARY_PROFILE" --wait
xcrun stapler staple "$image"
spctl --assess --type open --context context:primary-signature --verbose "$image"
