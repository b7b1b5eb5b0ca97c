# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ``ansible-test sanity`` over the working tree: ``sanity.py ROOT CACHE [ansible-test arguments]``.

ansible-test looks at the kernel's idea of the current folder, so a symbolic link does not do: the files that git knows
(tracked, or untracked and not ignored) are copied to CACHE/ansible_collections/mailops/email. Only what changed is
copied again. The copy is a git repository of its own: without one ansible-test walks up, finds the repository that
ignores the copy, and tests nothing at all while reporting success.

ansible-test bootstraps pip in its own virtual environments with a get-pip.py from a remote host. A stand-in put at the
place where it caches that file uses Python's own ensurepip and the package index, so no other host is needed.
"""

from __future__ import annotations

import filecmp
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

COLLECTION = Path("ansible_collections/mailops/email")

# Runs inside ansible-test's virtual environments. ensurepip goes into a process of its own, because it points
# PIP_CONFIG_FILE at nothing, and the pip that follows would lose the certificate settings of the machine.
GET_PIP = '''\
"""Stand in for get-pip.py; GET_PIP holds the path of this file, its name the version that is wanted."""
import os
import re
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
want = re.search(r"get_pip_([0-9_]+)\\.py", os.environ.get("GET_PIP", ""))
if want:
    version = want.group(1).replace("_", ".")
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "pip==" + version])
'''


def known_files(root: Path) -> list[str]:
    """Paths below root that git tracks, or would track, and that exist."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted({name for name in listed.stdout.split("\0") if name and os.path.lexists(root / name)})


def same(source: Path, target: Path) -> bool:
    """True if the target is already what the source is: kind, mode and content."""
    if source.is_symlink() or target.is_symlink():
        return source.is_symlink() and target.is_symlink() and os.readlink(source) == os.readlink(target)
    if not target.is_file() or source.stat().st_mode != target.stat().st_mode:
        return False
    return filecmp.cmp(source, target, shallow=False)


def mirror(root: Path, target: Path, names: list[str]) -> None:
    """Make target hold exactly the named files of root, and a git repository that ignores nothing of them."""
    target.mkdir(parents=True, exist_ok=True)
    if not (target / ".git").is_dir():
        subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    wanted = set(names)
    for folder, folders, files in os.walk(target, topdown=False):
        here = Path(folder)
        if ".git" in here.relative_to(target).parts:
            continue
        linked = [name for name in folders if (here / name).is_symlink()]
        for name in files + linked:
            if str((here / name).relative_to(target)) not in wanted:
                (here / name).unlink()
        if here != target and not any(here.iterdir()):
            here.rmdir()
    for name in names:
        source, copy = root / name, target / name
        if same(source, copy):
            continue
        if copy.is_dir() and not copy.is_symlink():
            shutil.rmtree(copy)
        elif os.path.lexists(copy):
            copy.unlink()
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy, follow_symlinks=False)


def pip_versions(source: str) -> set[str]:
    """Versions of pip that ansible-test asks for, out of the text of its python_requirements.py."""
    return set(re.findall(r"""['"]?\bpip['"]?\s*[=:]\s*['"]([0-9][0-9.]*)['"]""", source))


def place_get_pip(home: Path) -> None:
    """Put the stand-in where ansible-test looks for get-pip.py below home; RuntimeError if that place is unknown."""
    spec = importlib.util.find_spec("ansible_test")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("ansible_test is not installed beside this Python")
    source = Path(spec.submodule_search_locations[0], "_internal", "python_requirements.py")
    versions = pip_versions(source.read_text(encoding="utf-8"))
    if not versions:
        raise RuntimeError(f"no version of pip found in {source}: ansible-test changed, adapt pip_versions()")
    folder = home / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in versions:
        (folder / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")


def link_pip_settings(home: Path) -> None:
    """Let the user's own pip settings (a mirror, certificates) hold below the private home as well."""
    real = Path.home()
    for name in (".config/pip", ".pip"):
        mine = home / name
        if real != home and (real / name).is_dir() and not os.path.lexists(mine):
            mine.parent.mkdir(parents=True, exist_ok=True)
            mine.symlink_to(real / name)


def main(argv: list[str]) -> int:
    """Mirror, prepare, run; the exit code is ansible-test's."""
    root, cache = Path(argv[0]).resolve(), Path(argv[1]).resolve()
    target, home = cache / COLLECTION, cache / "home"
    names = known_files(root)
    if "galaxy.yml" not in names:
        raise RuntimeError(f"{root} is not the collection's root, or git does not know its files")
    mirror(root, target, names)
    place_get_pip(home)
    link_pip_settings(home)
    program = str(Path(sys.executable).with_name("ansible-test"))
    command = [program, "sanity", *(argv[2:] or ["--local", "--color", "no"])]
    return subprocess.run(command, cwd=target, env={**os.environ, "HOME": str(home)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
