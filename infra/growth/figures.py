"""Facts and prices: read from two files in which each has its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent


class Figure(BaseModel):
    """A number, what it counts, and why we believe it."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    value: float
    unit: str
    kind: Literal["measured", "documented", "code", "assumed"]
    source: str
    as_of: str | None = None


@dataclass(frozen=True)
class Facts:
    """The numbers of `facts.yaml`; each unit stands there."""

    update_bytes: float
    stored_share: float
    warehouse_share: float
    silver_bytes: float
    movements_an_update: float
    peak: float
    page_size: float
    max_files: float
    budget_pages: float
    budget_seconds: float
    scan_page_seconds: float
    scan_requests_a_second: float
    landed_updates_a_second: float
    mock_page_seconds: float
    commit_page_seconds: float
    task_start_seconds: float
    flow_start_seconds: float
    copy_updates_a_second: float
    silver_updates_a_second: float
    gold_updates_a_second: float
    compared_rows_a_second: float
    statement_bytes_a_file: float
    prefect_page_bytes: float
    image_gb: float
    log_bytes_a_page: float
    log_bytes_a_run: float


@dataclass(frozen=True)
class Prices:
    """The numbers of `prices.yaml`: USD a unit, which stands there."""

    fargate_vcpu_hour: float
    fargate_gb_hour: float
    nat_hour: float
    nat_gb: float
    address_hour: float
    database_t4g_micro_hour: float
    database_t4g_small_hour: float
    database_t4g_medium_hour: float
    database_gb_month: float
    secret_month: float
    alarm_month: float
    metric_month: float
    log_gb: float
    key_month: float
    zone_month: float
    image_gb_month: float
    s3_gb_month: float
    s3_cold_gb_month: float
    s3_thousand_puts: float
    s3_thousand_gets: float
    s3_thousand_moves: float
    snowflake_credit: float
    snowflake_tb_month: float

    def database_hour(self, database_class: str) -> float:
        """Of one instance of a class.

        Raises:
            KeyError: `prices.yaml` has no price of it.
        """
        name = f"{database_class.replace('db.', 'database_').replace('.', '_')}_hour"
        try:
            return float(vars(self)[name])
        except KeyError as error:
            raise KeyError(f"no price of {database_class}: add {name} to prices.yaml") from error


def read_figures(name: Literal["facts", "prices"], folder: Path = FOLDER) -> dict[str, Figure]:
    """The figures of a file, by name, in its order."""
    found: dict[str, Any] = yaml.safe_load((folder / f"{name}.yaml").read_text())
    return {key: Figure.model_validate(value) for key, value in found.items()}


def read_facts() -> Facts:
    """The facts; a TypeError names one that is missing or misspelt."""
    return Facts(**_values(read_figures("facts")))


def read_prices() -> Prices:
    """The prices; a TypeError names one that is missing or misspelt."""
    return Prices(**_values(read_figures("prices")))


def _values(figures: Mapping[str, Figure]) -> dict[str, float]:
    return {name: figure.value for name, figure in figures.items()}
