"""Round numbers, so that what comes out can be worked out by hand."""

import pytest

from infra.growth.figures import Facts, Prices
from infra.growth.work import Volume
from infra.settings import Settings, read_settings
from tests.clouds import changed

FACTS = Facts(
    update_bytes=10_000,
    stored_share=0.1,
    warehouse_share=0.2,
    silver_bytes=1_000,
    movements_an_update=0.5,
    peak=2,
    page_size=1_000,
    max_files=1_000,
    budget_pages=200,
    budget_seconds=1_800,
    scan_page_seconds=1.0,
    scan_requests_a_second=10,
    landed_updates_a_second=2_000,
    mock_page_seconds=0.25,
    commit_page_seconds=0.75,
    task_start_seconds=50,
    flow_start_seconds=10,
    copy_updates_a_second=10_000,
    silver_updates_a_second=1_000,
    gold_updates_a_second=5_000,
    compared_rows_a_second=1_000_000,
    statement_bytes_a_file=500,
    prefect_page_bytes=10_000,
    image_gb=0.1,
    log_bytes_a_page=100,
    log_bytes_a_run=1_000,
)
PRICES = Prices(
    fargate_vcpu_hour=0.04,
    fargate_gb_hour=0.005,
    nat_hour=0.05,
    nat_gb=0.1,
    address_hour=0.01,
    database_t4g_micro_hour=0.02,
    database_t4g_small_hour=0.03,
    database_t4g_medium_hour=0.06,
    database_gb_month=0.1,
    secret_month=0.5,
    alarm_month=0.1,
    metric_month=0.3,
    log_gb=0.5,
    key_month=1.0,
    zone_month=0.5,
    image_gb_month=0.2,
    s3_gb_month=0.02,
    s3_cold_gb_month=0.005,
    s3_thousand_puts=0.006,
    s3_thousand_gets=0.0004,
    s3_thousand_moves=0.02,
    snowflake_credit=2.0,
    snowflake_tb_month=30.0,
)


@pytest.fixture
def facts() -> Facts:
    return FACTS


@pytest.fixture
def prices() -> Prices:
    return PRICES


@pytest.fixture
def volume() -> Volume:
    """A hundred pages an hour."""
    return Volume(2_400_000, FACTS)


@pytest.fixture
def settings() -> Settings:
    """Production's, with the sizes that the expectations rest on."""
    return changed(
        read_settings("prod"),
        landing={"cold_after_days": 90},
        tasks={
            "flow": {"cpu": 2048, "memory": 4096},
            "worker": {"cpu": 256, "memory": 512},
            "control": {"cpu": 256, "memory": 1024},
            "kept_images": 10,
        },
        snowflake={
            "warehouse_size": "SMALL",
            "suspend_after_seconds": 60,
            "statement_timeout_seconds": 900,
            "credits_a_month": 200,
        },
        alarms={"dollars_a_month": 600},
    )
