"""``./pipeline rehearse``: one at a time, with no account of a person's own in sight."""

import os
from collections.abc import Mapping

from local.console.local_settings import foreign_free
from local.stack.folder import FOLDER
from local.stack.lock import exclusive
from local.stack.running import running


def rehearse(environment: Mapping[str, str]) -> int:
    with exclusive("rehearse"):
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

        return run(target, own)
