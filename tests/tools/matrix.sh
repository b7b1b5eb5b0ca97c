#!/bin/sh
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests on several ansible-cores: matrix.sh CORE:PYTHON...   (for example 2.20:3.12)
# A Python that is not on this machine is skipped and said so at the end. TESTS narrows what runs.
set -u

# interpreters of version managers count, their shims do not: those answer for versions that are not there
find_python() {
    for candidate in .cache/venv/bin/python "$(command -v "python$1")" "$HOME"/.pyenv/versions/"$1".*/bin/"python$1"; do
        if [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$1" ]; then
            echo "$candidate"
            return
        fi
    done
}

summary='' failed=0
for pair in "$@"; do
    core=${pair%:*} version=${pair#*:}
    python=$(find_python "$version")
    if [ -z "$python" ]; then
        summary="$summary
SKIPPED ansible-core $core: Python $version is not on this machine"
        continue
    fi
    # shellcheck disable=SC2086
    if tests/tools/core.sh "$core" "$python" ${PYTEST_ARGS:-} ${TESTS:-tests/unit tests/sandbox tests/integration}; then
        summary="$summary
passed  ansible-core $core on Python $version"
    else
        failed=1
        summary="$summary
FAILED  ansible-core $core on Python $version"
    fi
done
echo "$summary"
exit $failed
