"""``make rehearse``: one at a time, with no account of a person's own in sight."""

import fcntl
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from console.errors import CommandFailed
from console.local_settings import foreign_free
from stack.folder import FOLDER
from stack.running import running


def rehearse(environment: Mapping[str, str]) -> int:
    """Run what ECS would run, beside the stack; 1 where something differs that must not.

    Raises:
        CommandFailed: There is no stack, or another rehearsal is under way.
    """
    target = running()
    own = {
        **foreign_free(environment),
        "PREFECT_API_URL": f"{target.url('prefect')}/api",
        "PREFECT_API_AUTH_STRING": target.stack.values["PREFECT_AUTH"],
        "PREFECT_HOME": str((FOLDER / "prefect").absolute()),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    # Prefect and boto3 read these when they are imported.
    os.environ.clear()
    os.environ.update(own)
    from cloud.rehearsal.rehearse import run  # noqa: PLC0415

    with _alone():
        return run(target, own)


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
