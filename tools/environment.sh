#!/bin/sh
# Makes .venv, or brings it up to the locks; does nothing where it is so already.
#
# Usage: PYTHON=python3 tools/environment.sh runtime|test
# .venv/labkeep-made marks an environment made here: it is made anew where python, the folder or a lock
# changed. A .venv that something else made is installed into, never deleted.
# .venv/labkeep-state says how far it was brought, and for what.
set -eu
CDPATH='' cd -- "$(dirname "$0")/.."
level=${1:-}
case $level in
    runtime) locks='requirements.lock requirements-build.lock' ;;
    test) locks=requirements-test.lock ;;
    *) echo "usage: $0 runtime|test" >&2 && exit 2 ;;
esac
made=.venv/labkeep-made
state=.venv/labkeep-state

find_python() {
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$candidate" && return
    done
    echo "Labkeep needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3." >&2
    return 1
}

basis() { # what an environment is made from
    {
        "$PYTHON" -c 'import sys; print(sys.version, sys.base_prefix)'
        pwd
        cat requirements*.lock tools/environment.sh
    } | cksum | tr ' ' '-'
}

install() {
    # Settings of the person's own pip that do not fit an environment are put aside.
    PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet --no-input --no-deps "$@"
}

PYTHON=$(find_python)
export PYTHON
basis=$(basis)
project=$(cksum <pyproject.toml | tr ' ' '-')

had_basis='' had_level='' had_project=''
if [ -e "$state" ]; then
    read -r had_basis had_level had_project <"$state" || true
fi
if [ "$had_basis" != "$basis" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    had_level='' had_project=''
    if [ -e "$made" ]; then
        rm -rf .venv
    fi
fi

if [ ! -e .venv/bin/python ]; then
    tools/system_packages.sh venv
    echo "Making .venv with $("$PYTHON" -V)"
    mkdir -p .venv
    : >"$made"
    "$PYTHON" -m venv .venv
fi
if [ "$had_level" != test ] && [ "$had_level" != "$level" ]; then
    echo "Installing the locked packages into .venv"
    rm -f "$state"
    for lock in $locks; do
        install --only-binary :all: --require-hashes -r "$lock"
    done
    had_level=$level
    had_project=''
fi
if [ "$had_project" != "$project" ]; then
    install --no-build-isolation --editable .
    echo "$basis $had_level $project" >"$state"
fi
