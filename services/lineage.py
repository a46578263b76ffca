"""The lineage of what a batch writes, as URIs: where data rests, and what it was made from.

``canton://<network>/updates`` → ``s3://<bucket>/canton/<network>/updates`` →
``snowflake://<account>/<database>/BRONZE/CANTON_TRANSACTIONS_RAW`` → silver's tables → gold's.

A ledger's history is named by its network: it is the same, whichever Scan serves it. The home page
imports this, which has to stay small: nothing here needs the adapters.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.catalog import LAYERS, READ_BY, TABLES
from services.landing import updates_prefix

if TYPE_CHECKING:
    from services.settings import LandingSettings, Settings, SnowflakeSettings

SCAN, LANDING = "Scan", "S3"
_REFUSED = re.compile(r"""[\s#?&%"'<>\[\]{}|\\^`/]""")  # by Prefect, as a part of a key


@dataclass(frozen=True)
class Lineage:
    """The URIs that a step writes, and those that it reads for that."""

    written: tuple[str, ...]
    read: tuple[str, ...]


def landing_lineage(settings: "Settings", network: str) -> Lineage:
    """The landed pages of a network, which come from its ledger."""
    return Lineage((_pages(settings.landing, network),), (f"canton://{network}/updates",))


def layer_lineage(settings: "Settings", layer: str, network: str) -> Lineage:
    """A layer's tables; bronze's is made from the landed pages of a network."""
    written = _tables(settings.snowflake, TABLES[layer])
    if layer == LAYERS[0]:
        return Lineage(written, (_pages(settings.landing, network),))
    return Lineage(written, _tables(settings.snowflake, READ_BY[layer]))


def table_uri(settings: "SnowflakeSettings", table: str) -> str:
    """The URI of a table ``schema.name``, in Snowflake's own capitals."""
    return f"{database_prefix(settings)}{table.upper().replace('.', '/')}"


def database_prefix(settings: "SnowflakeSettings") -> str:
    """The prefix of the URIs of a database's tables.

    The account names it, not the host: a local warehouse's port changes from run to run.
    """
    parts = (_REFUSED.sub("-", part) for part in (settings.account, settings.database))
    return f"snowflake://{'/'.join(parts)}/"


def bucket_prefix(settings: "LandingSettings") -> str:
    """The prefix of the URIs of a bucket's objects."""
    return f"s3://{settings.bucket}/"


def node_of(uri: str) -> str:
    """The place that data rests in: `SCAN`, `LANDING`, a layer, or another schema or system."""
    parts = urlsplit(uri)
    match parts.scheme:
        case "canton":
            return SCAN
        case "s3":
            return LANDING
        case "snowflake":
            return PurePosixPath(parts.path).parent.name.lower() or parts.netloc
        case _:
            return parts.netloc


def name_of(uri: str) -> str:
    """The name within its place: of a table, without its schema."""
    return uri.rpartition("/")[2].lower()


def _pages(settings: "LandingSettings", network: str) -> str:
    return f"{bucket_prefix(settings)}{updates_prefix(network)}"


def _tables(settings: "SnowflakeSettings", tables: Iterable[str]) -> tuple[str, ...]:
    return tuple(table_uri(settings, table) for table in tables)
