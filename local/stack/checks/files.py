"""Checks of the files of this clone that containers mount and that builds use."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from local.console.finding import Finding, fail, well
from local.stack.checks.here import Here
from local.stack.folder import FOLDER
from local.stack.settings import NO_CERTIFICATES, kept_values

CONFIGURATION = ("prefect.yaml", "offline.env")  # always mounted
_READ = stat.S_IRGRP | stat.S_IROTH
_ENTER = stat.S_IXGRP | stat.S_IXOTH


def check_readable(here: Here) -> Iterator[Finding]:
    yield from judged_readable([Path(name) for name in (*here.stack.mounted, *CONFIGURATION)])


def judged_readable(paths: Iterable[Path]) -> Iterator[Finding]:
    """Check that the containers' user, which is not this one, can read all of these paths."""
    mounted = sorted(paths)
    missing = [path.name for path in mounted if not path.exists()]
    hidden = [path for path in mounted if path.exists() and any(_hidden(path))]
    names = " ".join(path.name for path in hidden)
    if missing:
        result = f"{', '.join(missing)} is missing here"
        yield fail("files", result, f"git checkout -- {' '.join(missing)}")
    if hidden:
        result = f"the containers' user can't read {', '.join(path.name for path in hidden)}"

        def fix() -> str:
            return f"chmod -R go+rX {names} ({sum(map(_open, hidden))} files and folders)"

        yield fail("files", result, f"chmod -R go+rX {names}", fix)
    if not missing and not hidden:
        yield well("files", "the containers' user can read what is mounted")


def check_certificates(here: Here) -> Iterator[Finding]:
    """The file of CA certificates that builds use, if one is named."""
    file = Path(here.stack.values["CA_FILE"])
    if file != NO_CERTIFICATES.absolute() and not os.access(file, os.R_OK):
        type_this = "name a file that can in PIP_CERT or SSL_CERT_FILE, or unset them"
        yield fail("certificates", f"the CA certificates {file} can't be read", type_this)


def _hidden(path: Path) -> Iterator[Path]:
    """Yield the files and folders that only their owner can read, except `__pycache__`."""
    if not _is_open(path):
        yield path
    for folder, names, files in os.walk(path):
        names[:] = [name for name in names if name != "__pycache__"]
        for name in (*names, *files):
            if not _is_open(one := Path(folder, name)):
                yield one


def _is_open(path: Path) -> bool:
    mode = path.lstat().st_mode
    needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return stat.S_ISLNK(mode) or mode & needed == needed


def _open(path: Path) -> int:
    """Let group and others read what is there; return how many files were changed."""
    hidden = list(_hidden(path))
    for one in hidden:
        mode = one.stat().st_mode
        is_entered = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
        one.chmod(stat.S_IMODE(mode) | _READ | (_ENTER if is_entered else 0))
    # A folder that was closed may hold more that is.
    return len(hidden) + (_open(path) if hidden else 0)


def check_passwords(here: Here) -> Iterator[Finding]:
    """Data whose passwords are gone: nobody could log in."""
    if not kept_values() and here.of_this_stack("volume"):
        result = (
            f"there is data of an earlier stack of this folder, but {FOLDER}, which held its"
            " passwords, is gone"
        )
        yield fail("data", result, "make reset AT=stack deletes that data")
