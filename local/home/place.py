"""The place that the home page shows: where its services answer this program, and a browser."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.lineage import bucket_prefix, database_prefix

if TYPE_CHECKING:
    from local.console.prefect_api import PrefectApi
    from services.adapters.snowflake import Warehouse

SECONDS = 3.0  # between two readings of a local place


@dataclass(frozen=True)
class HomePlace:
    """A `local.console.place.Place` as a program's arguments and environment describe it.

    The same in every place: a mocked Scan and Slack's inbox are there where they are named. What
    it imports to open the warehouse and Prefect is loaded by the reader alone, which needs it.

    Attributes:
        name: The name to show.
        urls: The address that this program asks, by service.
        pages: The address that a browser opens, by service.
        seconds: How long to wait between two readings.
        environment: The pipeline's settings.
    """

    name: str
    urls: Mapping[str, str]
    pages: Mapping[str, str]
    seconds: float = SECONDS
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def url(self, service: str) -> str:
        """See `Place.url`."""
        return self.urls[service]

    def settings(self) -> dict[str, str]:
        """See `Place.settings`."""
        return dict(self.environment)

    def warehouse(self) -> "Warehouse":
        """See `Place.warehouse`."""
        from services.settings import read_snowflake  # noqa: PLC0415 -- see the class
        from services.wiring import open_warehouse  # noqa: PLC0415

        return open_warehouse(read_snowflake(self.environment))

    def prefect(self) -> "PrefectApi":
        """A client of the place's Prefect server."""
        from local.console.prefect_api import PrefectApi  # noqa: PLC0415 -- see the class

        auth = self.environment.get("PREFECT_API_AUTH_STRING", "")
        return PrefectApi(
            self.url("prefect"), auth, key=self.environment.get("PREFECT_API_KEY", "")
        )

    def uris(self) -> list[str]:
        """The prefixes of the URIs of the place's own data: its bucket's and its database's."""
        from services.settings import read_landing, read_snowflake  # noqa: PLC0415 -- see the class

        landing, snowflake = read_landing(self.environment), read_snowflake(self.environment)
        return [bucket_prefix(landing), database_prefix(snowflake)]


def arguments() -> argparse.ArgumentParser:
    """The arguments of the page, which its reader takes as well."""
    parser = argparse.ArgumentParser("local.home", description="The home page of a place.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--name", default="", help="the name to show")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="between two readings")
    parser.add_argument("--scan", help="a mocked Scan, which the page steers")
    parser.add_argument("--slack", help="a mocked Slack, whose inbox the page shows")
    parser.add_argument("--dashboard", help="a dashboard of gold, which the page links to")
    parser.add_argument("--snowflake-page", help="the local Snowflake's page in a browser")
    for service in ("prefect", "scan", "slack", "dashboard"):
        where = f"the address of {service}'s page in a browser, where it is another"
        parser.add_argument(f"--{service}-page", help=where)
    return parser


def place_of(options: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> HomePlace:
    """The place that the arguments and the pipeline's settings describe."""
    named = {name: getattr(options, name) for name in ("scan", "slack", "dashboard")}
    urls = {name: url.rstrip("/") for name, url in named.items() if url}
    if api := environment.get("PREFECT_API_URL"):
        urls["prefect"] = api.removesuffix("/api")
    pages = {name: getattr(options, f"{name}_page") or url for name, url in urls.items()}
    if options.snowflake_page:
        pages["snowflake"] = options.snowflake_page
    return HomePlace(options.name, urls, pages, options.seconds, environment)
