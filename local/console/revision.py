"""The revision of this project that is checked out here."""

import subprocess


def this_revision() -> str:
    """The commit of this clone, short; empty if git doesn't know it, as in an archive of it."""
    # --git-dir: without it, git would answer for a repository that the archive was unpacked in.
    command = ["git", "--git-dir=.git", "rev-parse", "--short=12", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
