"""Fixtures of the approvals' tests, for those before Prefect's own page."""

from tests.integration.conftest import (
    alert_book,
    certificates,
    environment,
    pipeline,
    prefect_server,
    run_flow,
    scan,
    scan_host,
    world,
)
from tests.integration.test_approvals import asked, client, limit, stopped

__all__ = [
    "alert_book", "asked", "certificates", "client", "environment", "limit", "pipeline",
    "prefect_server", "run_flow", "scan", "scan_host", "stopped", "world",
]  # fmt: skip
