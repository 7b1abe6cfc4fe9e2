#!/bin/sh
# Makes the three lock files from pyproject.toml: for every system and every Python from 3.11 on, with
# hashes, without addresses. Versions that a lock already names are kept, unless --upgrade or
# --upgrade-package NAME is given. Needs uv, which only makes the locks and is no part of the project.
set -eu
CDPATH='' cd -- "$(dirname "$0")/.."
UV=${UV:-uv}
command -v "$UV" >/dev/null 2>&1 || {
    echo "tools/lock.sh needs uv; name it with UV=/path/to/uv." >&2
    exit 1
}

lock() { # OUTPUT INPUT [ARGUMENT...]
    output=$1
    shift
    "$UV" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-annotate --custom-compile-command tools/lock.sh -o "$output" "$@" >/dev/null
}

build=$(mktemp)
trap 'rm -f "$build"' EXIT
"${PYTHON:-python3}" - >"$build" <<'PROGRAM'
import pathlib
import tomllib

print(*tomllib.loads(pathlib.Path("pyproject.toml").read_text())["build-system"]["requires"], sep="\n")
PROGRAM

lock requirements-test.lock pyproject.toml "$build" --extra test "$@"
# The small locks repeat the versions of the large one.
lock requirements.lock pyproject.toml -c requirements-test.lock
lock requirements-build.lock "$build" -c requirements-test.lock
