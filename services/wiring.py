"""The only module that picks implementations: settings in, adapters out."""

from dataclasses import dataclass
from functools import cache

from services.adapters.canton_scan import CantonScan
from services.adapters.s3_landing import S3Landing
from services.adapters.scan_nodes import ScanNodes
from services.adapters.slack import NoSlack, SlackWebhook
from services.adapters.snowflake import Warehouse
from services.ports import LandingStore, Notifier, UpdateSource
from services.settings import (
    CantonSettings,
    LandingSettings,
    Settings,
    SlackSettings,
    SnowflakeSettings,
    read_settings,
    refuse_mixture,
)

STAGE = "bronze.landing"


@dataclass(frozen=True)
class Services:
    """The settings and adapters that the steps work with."""

    settings: Settings
    source: UpdateSource
    landing: LandingStore
    warehouse: Warehouse
    notifier: Notifier


@cache
def open_services() -> Services:
    """The services of this process, made once: clients and their connections are shared.

    Nothing is connected yet; each adapter connects when it is used, or by `prove`.

    Raises:
        SettingsWrong: The environment lacks a setting, has an unknown one, or mixes a local
            warehouse with AWS's own bucket.
    """
    settings = read_settings()
    refuse_mixture(settings)
    return Services(
        settings=settings,
        source=open_source(settings.canton),
        landing=open_landing(settings.landing),
        warehouse=open_warehouse(settings.snowflake),
        notifier=open_notifier(settings.slack),
    )


def open_source(settings: CantonSettings) -> ScanNodes:
    """The network's Scans alone, one or several."""
    nodes = [
        CantonScan(
            url,
            timeout_seconds=settings.timeout_seconds,
            requests_per_second=settings.requests_per_second,
            is_simulated=settings.clock == "simulated",
        )
        for url in settings.base_urls
    ]
    return ScanNodes(nodes, page_size=settings.page_size)


def open_landing(settings: LandingSettings) -> S3Landing:
    """The landing zone alone."""
    return S3Landing(settings.bucket)


def open_warehouse(settings: SnowflakeSettings) -> Warehouse:
    """The warehouse alone."""
    return Warehouse(settings, query_tag="canton-pipeline")


def open_notifier(settings: SlackSettings) -> Notifier:
    """Slack, or the log where no webhook is set."""
    url = settings.webhook_url
    return SlackWebhook(url.get_secret_value()) if url else NoSlack()


def prove(services: Services) -> None:
    """Have S3 and the warehouse show that they can be used.

    Raises:
        LandingRefused: No such bucket.
        WarehouseRefused: No login, or no such stage.
    """
    services.landing.check()
    services.warehouse.check(STAGE)
