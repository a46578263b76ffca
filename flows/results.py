"""Results of steps, kept as objects of the landing bucket: Prefect's block for it.

Not `prefect_aws.S3Bucket`: the bucket's policy refuses its puts, which don't ask for a new key, and
its import would cost each process 12 MB and a quarter of a second.
"""

from contextlib import suppress

from prefect.filesystems import WritableFileSystem
from prefect.utilities.asyncutils import sync_compatible

from services.errors import LandingCorrupt
from services.landing import result_key
from services.wiring import open_services


class LandingResults(WritableFileSystem):
    """Writes each result once; one that has expired stays until S3's lifecycle deletes it."""

    _block_type_slug = "landing-results"

    @sync_compatible
    async def read_path(self, path: str) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride] -- as in Prefect's own
        """A result's bytes."""
        return open_services().landing.read(result_key(path))

    @sync_compatible
    async def write_path(self, path: str, content: bytes) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Keep a result, unless an expired one still stands there."""
        with suppress(LandingCorrupt):
            open_services().landing.keep(result_key(path), content)
