#!/bin/sh
# Makes the four lock files from pyproject.toml: for every system and every Python from 3.11 on, with
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

wanted() { # OUTPUT TABLE KEY: what one list of pyproject.toml asks for, as a file of requirements
    "${PYTHON:-python3}" - "$2" "$3" >"$1" <<'PROGRAM'
import functools
import pathlib
import sys
import tomllib

project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())
print(*functools.reduce(dict.__getitem__, sys.argv[1].split("."), project)[sys.argv[2]], sep="\n")
PROGRAM
}

build=$(mktemp)
package=$(mktemp)
trap 'rm -f "$build" "$package"' EXIT
wanted "$build" build-system requires
wanted "$package" project.optional-dependencies package

lock requirements-test.lock pyproject.toml "$build" --extra test "$@"
# The small locks repeat the versions of the large one.
lock requirements.lock pyproject.toml -c requirements-test.lock
lock requirements-build.lock "$build" -c requirements-test.lock
# What makes the package is no part of the program, nor of its tests; where they share a library, its version too.
lock requirements-package.lock "$package" -c requirements-test.lock "$@"
