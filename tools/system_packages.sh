#!/bin/sh
# Checks what pip cannot bring: python's venv module, the libraries that Qt's plugins are linked with,
# the programs that the tests drive, and what the measurements compare with. On Linux only; elsewhere the
# wheels carry all of it.
#
# Usage: PYTHON=python3 tools/system_packages.sh venv|window|tests|bench
# Installs what is missing where that needs no question (root on a Debian-like system), otherwise prints
# one line to copy. Exit status 0: nothing is missing now. 1: something is, and was named. What is only compared
# with (age) is named, too, but stops nothing: the table of the measurements then says that it is missing.
set -eu

# Found by readelf over QtCore, QtGui, QtWidgets, QtSvg, QtDBus, QtNetwork and the plugins xcb, wayland and
# offscreen of PySide6 6.11. Qt carries its own ICU; the C and C++ libraries come with python itself.
libraries='
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11.so.6 libx11-6
libX11-xcb.so.1 libx11-xcb1
libbrotlidec.so.1 libbrotli1
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libglib-2.0.so.0 libglib2.0-0
libgssapi_krb5.so.2 libgssapi-krb5-2
libgthread-2.0.so.0 libglib2.0-0
libstdc++.so.6 libstdc++6
libwayland-client.so.0 libwayland-client0
libwayland-cursor.so.0 libwayland-cursor0
libwayland-egl.so.1 libwayland-egl1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-glx.so.0 libxcb-glx0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0 libxcb-render0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxcb.so.1 libxcb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
libz.so.1 zlib1g
libzstd.so.1 libzstd1
'
programs='
Xvfb xvfb
xdotool xdotool
dbus-daemon dbus-daemon
/usr/libexec/at-spi-bus-launcher at-spi2-core
gnome-keyring-daemon gnome-keyring
desktop-file-validate desktop-file-utils
dpkg-deb dpkg
readelf binutils
'

# Each prints "NAME PACKAGE" for what is missing.
missing_venv() {
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || echo "python's-venv-module python3-venv"
}

missing_libraries() {
    # Loaded by the python that will load Qt, so that its own search path counts.
    printf '%s' "$libraries" | "$PYTHON" -c '
import ctypes
import sys

for line in filter(None, map(str.split, sys.stdin)):
    try:
        ctypes.CDLL(line[0])
    except OSError:
        print(*line)
'
}

missing_programs() {
    printf '%s' "$programs" | while read -r program package; do
        [ -z "$program" ] || command -v "$program" >/dev/null 2>&1 || echo "$program $package"
    done
    has_postgresql || echo "PostgreSQL-15-or-newer postgresql"
}

missing_subjects() {
    command -v age >/dev/null 2>&1 || echo "age age"
}

has_postgresql() {
    for server in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres "$(command -v postgres || true)"; do
        [ -x "$server" ] || continue
        major=$("$server" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        [ "$major" -ge 15 ] && return 0
    done
    return 1
}

missing() { # LEVEL
    case $1 in
        venv) missing_venv ;;
        window) missing_libraries ;;
        tests) missing_libraries && missing_programs ;;
        bench) missing_libraries && missing_programs && missing_subjects ;;
        *) echo "usage: $0 venv|window|tests|bench" >&2 && exit 2 ;;
    esac
}

level=${1:-}
PYTHON=${PYTHON:-python3}
[ "$(uname -s)" = Linux ] || exit 0

lacking=$(missing "$level")
[ -n "$lacking" ] || exit 0

packages=$(echo "$lacking" | awk '{print $2}' | sort -u | tr '\n' ' ')
packages=${packages% }
if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the system lacks: $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
    # shellcheck disable=SC2086 # the list is meant to be split
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $packages >/dev/null
    lacking=$(missing "$level")
    [ -n "$lacking" ] || exit 0
fi

names=$(echo "$lacking" | awk '{print $1}' | tr '\n' ' ')
echo "This system lacks ${names% }. On Debian and Ubuntu this installs it:" >&2
echo "    sudo apt-get install -y $packages" >&2
[ "$names" = "age " ] || exit 1
