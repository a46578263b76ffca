"""``python -m cloud.rehearsal``, with what ``make rehearse`` was given in the environment."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from console.ending import end_with_make
from console.errors import CommandFailed
from console.local_settings import foreign_free
from console.variables import refuse_unknown
from services.errors import PipelineError
from stack.folder import FOLDER
from stack.running import running


def main() -> int:
    """Rehearse; whatever stops it is said in a line or two."""
    end_with_make()
    try:
        refuse_unknown("rehearse", {"KEEP", "FORMAT"}, os.environ)
        return _rehearse()
    except (CommandFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (httpx.HTTPError, subprocess.CalledProcessError) as error:
        print(f"error: {error}: is the stack up? make status tells", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


def _rehearse() -> int:
    """Prefect and boto3 read the environment: no account of a person's own may stand there."""
    target = running()
    own = {
        **foreign_free(os.environ),
        "PREFECT_API_URL": f"{target.url('prefect')}/api",
        "PREFECT_API_AUTH_STRING": target.stack.values["PREFECT_AUTH"],
        "PREFECT_HOME": str((FOLDER / "prefect").absolute()),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    os.environ.clear()
    os.environ.update(own)
    # Prefect reads its settings when it is imported.
    from cloud.rehearsal.rehearse import rehearse  # noqa: PLC0415

    with _alone():
        return rehearse(target, own)


@contextmanager
def _alone() -> Generator[None]:
    """Two rehearsals would take each other's containers away.

    Raises:
        CommandFailed: There is one under way.
    """
    with (FOLDER / "rehearsal.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed("a rehearsal is under way here: wait for its end") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
