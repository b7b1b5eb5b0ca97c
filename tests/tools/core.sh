#!/usr/bin/env bash
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run pytest on another ansible-core, in an environment of its own below .cache/.
#   core.sh CORE PYTHON PYTEST-ARGUMENT...
set -eu

core=$1 python=$2
shift 2

label=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
dir=$PWD/.cache/venv-$core-py$label
stamp=$dir/.ready
files="requirements.txt extensions/sandbox/requirements.txt tests/requirements.txt"

for file in $files constraints.txt tests/tools/venv.sh; do
    if ! [ -e "$stamp" ] || [ "$file" -nt "$stamp" ]; then
        rm -f "$stamp"
        # shellcheck disable=SC2086
        PYTHON=$python UV=$PWD/.cache/venv/bin/uv tests/tools/venv.sh "$dir" "$core" $files
        touch "$stamp"
        break
    fi
done

# the first folder of PATH is the main environment's: this one takes its place
PATH=$dir/bin:${PATH#"$PWD/.cache/venv/bin:"}
# caches of rendered and downloaded things differ between cores
ANSIBLE_HOME=$PWD/.cache/ansible-$core
export PATH ANSIBLE_HOME
echo "== ansible-core $("$dir/bin/python" -c 'import ansible.release as r; print(r.__version__)') on Python $label"
PYTHONPATH=$PWD/.cache/tree exec "$dir/bin/python" -m pytest -o cache_dir="$dir/pytest" "$@"
