"""What quality rules found, wherever the services run."""

import os
import subprocess
import sys
from collections.abc import Mapping

from local.console.local_settings import foreign_free
from local.console.place import Opens


def quality(environment: Mapping[str, str], opened: Opens) -> int:
    """Print each rule's latest result and trend; with TRY, what a rule finds in history."""
    rule = environment.get("TRY")
    command = ["try-rule", rule] if rule else ["quality"]
    form = ["--json"] if environment.get("FORMAT") == "json" else []
    with opened(["snowflake", "s3"] if rule else ["snowflake"]) as place:
        print(f"warehouse of {place.name}", file=sys.stderr)
        # A process of its own: boto3 reads the environment, where a person's own account may stand.
        return subprocess.run(
            [sys.executable, "-m", "services", *command, *form],
            env={**foreign_free(os.environ), **place.settings()},
            check=False,
        ).returncode
