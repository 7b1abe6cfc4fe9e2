#!/bin/bash
# Sets the lab's server up on a bare system from a distribution's own repository, twice, and looks at what came of it.
#
# Usage (as root, with a network): packaging/server/try_bare.sh RELEASE MIRROR [SCRIPT [COMPONENTS]]
# For Ubuntu 24.04: try_bare.sh noble MIRROR gutsy main,universe
# SCRIPT is debootstrap's, where it does not know the release. All of it is in a temporary folder, which is removed;
# its processes have a namespace of their own and end with it. Exit status 0: set up, and the second run changed nothing.
set -euo pipefail

release=$1 mirror=$2 script=${3:-} components=${4:-main}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

check=()
[ -e "/usr/share/keyrings/debian-archive-keyring.gpg" ] && [ -z "$script" ] || check=(--no-check-gpg)
debootstrap "${check[@]}" --variant=minbase --components="$components" \
    --include=python3-minimal,libpython3-stdlib,procps "$release" "$root" "$mirror" ${script:+"$script"} >"$work/log" ||
    { tail -5 "$work/log"; exit 1; }
cp /etc/resolv.conf "$root/etc/resolv.conf"
# No service of the bare system may start in this one's place.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp -r "$here" "$root/opt/server"

inside() {
    mount -t proc proc "$root/proc"
    mount -t tmpfs none "$root/run"
    mount --bind /dev "$root/dev"
    setup=(chroot "$root" /opt/server/labkeep-server setup)
    "${setup[@]}" --name labdb.example.org --network 10.20.0.0/16 --port 55432
    chroot "$root" pg_lsclusters
    "${setup[@]}" | tee "$work/second"
    grep -q "nothing was changed" "$work/second"
    chroot "$root" testparm -s >/dev/null
    # Nothing was made yet, and nobody started Samba: these two, and nothing else.
    [ "$(chroot "$root" /opt/server/labkeep-server check 2>&1 | wc -l)" = 2 ]
}
export -f inside
export root work
unshare --mount --pid --fork --kill-child bash -euo pipefail -c inside
