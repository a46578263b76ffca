"""The working copy that is deployed from: which commit, by whom, and what goes into the image."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.console.errors import CommandFailed
from local.console.person import user_at_host

RECORDS = Path("cloud/records")  # written by a deploy itself, and committed after it
# What the image `pipeline` of docker/Dockerfile is made of.
IMAGE_INPUTS = (
    ".dockerignore",
    "tools/base-image",
    "deployments",
    "docker/Dockerfile",
    "docker/probes",
    "flows",
    "requirements/ecs.txt",
    "requirements/stack.txt",
    "requirements/uv.txt",
    "local/__init__.py",
    "local/console",
    "local/home",
    "local/stack",
    "mocks/__init__.py",
    "mocks/browser_guard.py",
    "mocks/slack/__init__.py",
    "mocks/slack/mrkdwn.py",
    "services",
)


@dataclass(frozen=True)
class Source:
    """A working copy.

    Args:
        commit: Its commit, whole.
        uncommitted: Files that differ from it, or aren't known to git; records of deploys apart.
        image_inputs: A digest of what the commit puts into the image.
        person: Whom git names as the author of commits here.
        host: Who is logged in, and where.
    """

    commit: str
    uncommitted: tuple[str, ...]
    image_inputs: str
    person: str
    host: str


def read_source(root: Path) -> Source:
    """The working copy in a folder.

    Raises:
        CommandFailed: It is none of git's.
    """
    name, mail = (
        _git(root, "config", "--default", "?", f"user.{one}") for one in ("name", "email")
    )
    listed = _git(
        root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all",
        "--", ".", f":(exclude){RECORDS}",
    )  # fmt: skip
    return Source(
        commit=_git(root, "rev-parse", "HEAD"),
        uncommitted=tuple(sorted(one[3:] for one in listed.split("\0") if one)),
        image_inputs=hashlib.sha256(
            _git(root, "ls-tree", "-r", "--full-tree", "HEAD", *IMAGE_INPUTS).encode()
        ).hexdigest(),
        person=f"{name} <{mail}>",
        host=user_at_host(),
    )


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise CommandFailed("there is no git here: what is deployed is a commit") from None
    except subprocess.CalledProcessError as error:
        message = error.stderr.strip().rpartition("\n")[2]
        raise CommandFailed(
            f"git {arguments[0]}: {message}: what is deployed is a commit"
        ) from None
    return done.stdout.removesuffix("\n")
