#!/bin/bash
# Tries the Debian package where nothing else is: a bare Debian 12 in a folder of its own.
#
# Usage, as root: packaging/try_deb.sh [dist/labkeep_VERSION_ARCHITECTURE.deb [FOLDER FOR PICTURES]]
#
# Needs debootstrap, Xvfb, xdotool and the checkout's .venv (PYTHON names another). The Debian comes from where this
# computer's own apt has its packages; LABKEEP_TRY_BASE names a tarball of debootstrap --make-tarball that is used instead.
# The package is installed with what it depends on and no more; everything after that has no network. Mounts are made
# in a namespace of their own and go with it; what is deleted is the one temporary folder.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
project=$(dirname "$here")
python=${PYTHON:-$project/.venv/bin/python}

say() { printf '%s\n' "$*"; }
fail() { say "The package failed: $*" >&2 && exit 1; }

if [ "${1:-}" != --inside ]; then
    [ "$(id -u)" = 0 ] || fail "this needs root, for debootstrap and chroot"
    for program in debootstrap Xvfb xdotool dpkg-deb unshare; do
        command -v "$program" >/dev/null || fail "$program is not here"
    done
    package=${1:-$(ls "$project"/dist/labkeep_*.deb)}
    pictures=${2:-$project/dist/tried}
    mkdir -p "$pictures"
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/labkeep-try-XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    suite=bookworm
    mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1 || true)
    [ -n "$mirror" ] || fail "apt names no mirror of Debian on this computer"
    say "A bare Debian 12 is made"
    debootstrap --variant=minbase ${LABKEEP_TRY_BASE:+--unpack-tarball="$LABKEEP_TRY_BASE"} \
        "$suite" "$work/root" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail "$work/debootstrap.log" >&2; exit 1; }
    cp "$package" "$work/new.deb"
    # An older one: the same, with a lower version and a file that the newer one has no more.
    dpkg-deb --raw-extract "$work/new.deb" "$work/older"
    sed -i 's/^Version: .*/Version: 0.0.1/' "$work/older/DEBIAN/control"
    echo "of the older version" >"$work/older/usr/lib/labkeep/_internal/older-only.txt"
    dpkg-deb --build --root-owner-group -Zgzip -z1 "$work/older" "$work/older.deb" >/dev/null
    rm -rf --one-file-system "$work/older"
    unshare --mount --pid --fork --kill-child --propagation private \
        "$0" --inside "$work" "$pictures" "$project" "$python"
    exit
fi

work=$2 pictures=$3 project=$4 python=$5
root=$work/root
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm"
mkdir -p "$root/tmp/.X11-unix"

inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
alone() { unshare --net chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

# --- installed, with its dependencies only ---
rm -f "$root"/etc/apt/sources.list
cp -a /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null ||
    cp /etc/apt/sources.list "$root/etc/apt/"
cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$work/older.deb" "$work/new.deb" "$root/root/"
before=$(inside dpkg-query -W -f '${Package}\n' | wc -l)
install_log=$work/install.log
{
    inside apt-get -q update &&
        inside env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install /root/older.deb
} >"$install_log" 2>&1 || { tail -n 20 "$install_log" >&2; fail "it cannot be installed"; }
after=$(inside dpkg-query -W -f '${Package}\n' | wc -l)
say "installed on a bare Debian 12: $((after - before)) packages, itself among them"
for program in python3 gcc cc psql postgres; do
    inside sh -c "command -v $program" >/dev/null && fail "$program is there, so that nothing was proved without it"
done
size=$(du --summarize --apparent-size --block-size=1 "$root/usr/lib/labkeep" | cut -f1)
say "unpacked: $((size / 1000000)) MB, the package $(($(stat -c %s "$work/new.deb") / 1000000)) MB"
[ "$size" -le 250000000 ] || fail "it takes more than 250 MB"
inside useradd --create-home ayse
command=$(sed -n 's/^Exec=\([^%]*\).*/\1/p' "$root/usr/share/applications/labkeep.desktop")

# --- used from the menu entry, by pointer and keyboard, without a network ---
mkdir "$work/screen"
# A place for the display's socket that nobody else sees: the number may be taken outside of here.
mkdir -p /tmp/.X11-unix
mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix
Xvfb :77 -nolock -screen 0 1280x800x24 -nolisten tcp -nolisten local -fbdir "$work/screen" >"$work/xvfb.log" 2>&1 &
for _ in $(seq 100); do [ -S /tmp/.X11-unix/X77 ] && break; sleep 0.1; done
[ -s "$work/screen/Xvfb_screen0" ] || { cat "$work/xvfb.log" >&2; fail "there is no display"; }
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
printf 'Patient P-1031: haemoglobin 9.8 g/dL, NEEDLE-4711\n' >"$root/home/ayse/finding.txt"
chown --reference="$root/home/ayse" "$root/home/ayse/finding.txt"
export LABKEEP_TRY_ROOT=$root LABKEEP_TRY_SCREEN=$work/screen LABKEEP_TRY_PICTURES=$pictures
export LABKEEP_TRY_COMMAND=$command LABKEEP_TRY_PROJECT=$project DISPLAY=:77
"$python" "$here/try_window.py" first

ayse() { # the command line of the person, who signs in by what he typed in the window
    alone HOME=/home/ayse LABKEEP_USER=ayse.admin LABKEEP_PASSWORD=Copper-Meadow-38-Harbour \
        setpriv --reuid ayse --regid ayse --init-groups "$@"
}
listed() { ayse labkeep-admin document list --center istanbul-lab; }
ayse labkeep-admin document verify --center istanbul-lab >"$work/verified" || fail "the document does not verify"
listed >"$work/before-upgrade"
grep -q finding "$work/before-upgrade" || fail "the document is not there: $(cat "$work/before-upgrade")"
if grep -rqa NEEDLE-4711 "$root/home/ayse/.local"; then fail "its content lies there in clear"; fi
say "first start to first sealed document by pointer and keyboard: it is there, and verifies"

# --- upgraded with data kept, while somebody has it open ---
(exec unshare --net chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=/home/ayse DISPLAY=:77 \
    setpriv --reuid ayse --regid ayse --init-groups $command >"$work/open.log" 2>&1) &
open=$!
for _ in $(seq 200); do xdotool search --onlyvisible --name Labkeep >/dev/null 2>&1 && break; sleep 0.1; done
inside sh -c 'sed -i "s/^# idle_lock_minutes.*/idle_lock_minutes = 12/" /etc/labkeep/policy.toml'
alone DEBIAN_FRONTEND=noninteractive HOME=/root dpkg --install /root/new.deb >"$work/upgrade.log" 2>&1 ||
    { cat "$work/upgrade.log" >&2; fail "the upgrade"; }
kill -0 "$open" || fail "the open window ended: $(cat "$work/open.log")"
grep -q 'close it, and open it again' "$work/upgrade.log" || fail "nobody is told that an older window is open"
kill "$open"
wait "$open" || fail "the window of the older version did not end in order: $(cat "$work/open.log")"
[ ! -e "$root/usr/lib/labkeep/_internal/older-only.txt" ] || fail "a file of the older version stayed"
grep -q '^idle_lock_minutes = 12$' "$root/etc/labkeep/policy.toml" || fail "the upgrade took the policy back"
listed >"$work/after-upgrade"
cmp "$work/before-upgrade" "$work/after-upgrade" || fail "the upgrade changed what is listed"
ayse labkeep-admin document verify --center istanbul-lab >/dev/null || fail "after the upgrade nothing verifies"
"$python" "$here/try_window.py" again
say "upgraded over 0.0.1 under an open window: data and policy kept, the window opens with them"

# --- as quick as the checkout ---
"$python" "$here/try_window.py" speed

# --- removed and purged ---
alone HOME=/root dpkg --remove labkeep >"$work/remove.log" 2>&1 || fail "it cannot be removed"
for place in /usr/bin/labkeep /usr/lib/labkeep /usr/share/applications/labkeep.desktop /usr/share/doc/labkeep; do
    [ ! -e "$root$place" ] || fail "$place stayed after it was removed"
done
[ -f "$root/etc/labkeep/policy.toml" ] || fail "removing took the policy, too"
alone HOME=/root dpkg --purge labkeep >"$work/purge.log" 2>&1 || fail "it cannot be purged"
[ ! -e "$root/etc/labkeep" ] || fail "/etc/labkeep stayed after it was purged"
left=$(find "$root" -xdev -path "$root/home" -prune -o -path "$root/proc" -prune -o -path "$root/root" -prune -o \
    -path "$root/var/lib/apt" -prune -o -iname '*labkeep*' -print)
[ -z "$left" ] || fail "this stayed: $left"
grep -q '~/.local/share/labkeep' "$work/purge.log" || fail "purging does not say what stays"
[ -d "$root/home/ayse/.local/share/labkeep" ] || fail "purging took the data of a person"
say "removed and purged: nothing is left but what people keep, which is said"
say "The package works."
