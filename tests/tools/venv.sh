#!/bin/sh
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make or top up a virtual environment with the versions of constraints.txt.
#   venv.sh DIR CORE FILE...
# CORE is an ansible-core series such as 2.18, or "pinned" for the one in constraints.txt. Each FILE is a requirements file.
# PYTHON names the interpreter (a full path is best); UV a uv program to use instead of fetching one into DIR.
# uv is a matter of speed only: where it is not to be had, or cannot reach the package index, pip does the same.
set -eu

dir=$1 core=$2
shift 2

usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! [ -x "$dir/bin/python" ] || ! "$dir/bin/python" -c '' 2>/dev/null; then
    base=
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if usable "$name"; then base=$name; break; fi
    done
    if [ -z "$base" ]; then
        echo "No Python 3.11 or newer on $PATH. Name one: make PYTHON=/full/path/to/python3.12 …" >&2
        exit 1
    fi
    rm -rf "$dir"
    mkdir -p "$(dirname "$dir")"
    # with a uv at hand pip is not needed, and making it is what takes the time
    bare=
    if [ -x "${UV:-}" ]; then bare=--without-pip; fi
    # shellcheck disable=SC2086
    if ! "$base" -m venv $bare "$dir"; then
        echo "Python's venv module is not complete. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

if [ "$core" = pinned ]; then
    cp constraints.txt "$dir/constraints.txt"
    core_line=ansible-core
else
    # resolvelib's range differs between cores; everything else in the file fits them all
    grep -vE '^(ansible-core|resolvelib)==' constraints.txt >"$dir/constraints.txt"
    core_line="ansible-core~=$core.0"
fi

files=
for file in "$@"; do files="$files -r $file"; done

uv=${UV:-$dir/bin/uv}
[ -x "$uv" ] || "$dir/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt uv || true
# the system's certificates: a company's own package mirror is signed by its own authority
# shellcheck disable=SC2086
if [ -x "$uv" ] && UV_SYSTEM_CERTS=1 "$uv" pip install --quiet --python "$dir/bin/python" --compile-bytecode \
    -c "$dir/constraints.txt" $files "$core_line"; then
    exit 0
fi
echo "uv is not to be had or failed; installing with pip, which takes longer" >&2
"$dir/bin/python" -m pip --version >/dev/null 2>&1 || "$dir/bin/python" -m ensurepip --default-pip >/dev/null
# shellcheck disable=SC2086
exec "$dir/bin/python" -m pip install --quiet --disable-pip-version-check -c "$dir/constraints.txt" $files "$core_line"
