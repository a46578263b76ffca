"""The check that this clone has the passwords for its data."""

from collections.abc import Iterator

from local.console.finding import Finding
from local.stack.checks.here import Here
from local.stack.folder import FOLDER
from local.stack.settings import kept_values


def check_passwords(here: Here) -> Iterator[Finding]:
    """Data whose passwords are gone: nobody could log in."""
    if not kept_values() and here.of_this_stack("volume"):
        yield Finding(
            "data",
            "fail",
            f"there is data of an earlier stack of this folder, but {FOLDER}, which held its"
            " passwords, is gone",
            "make reset AT=stack deletes that data",
        )
