"""What it costs a month: what is paid for though nothing runs, and what each update adds."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.environment import wanted_secrets
from infra.growth.figures import Facts, Prices
from infra.growth.plan import Plan
from infra.growth.work import DAYS_A_MONTH, GB, HOURS_A_MONTH, start_seconds
from infra.settings import ServerSettings, Settings, Size

# What infra/ makes of each; a test counts them in the recorded graph.
ALARMS = 5
METRICS = 4
KEYS = 1
ZONES = 1
S3_GETS_A_PAGE = 3  # is it there, the check, Snowflake's COPY


@dataclass(frozen=True)
class Cost:
    """One line of a bill.

    Args:
        name: What is paid for.
        amount: How much of it a month.
        unit: What `amount` counts.
        price: USD a unit.
        is_snowflakes: Whose bill it is on: Snowflake's or AWS's.
    """

    name: str
    amount: float
    unit: str
    price: float
    is_snowflakes: bool = False

    @property
    def usd(self) -> float:
        """A month."""
        return self.amount * self.price


def costs_at_rest(settings: Settings, facts: Facts, prices: Prices) -> list[Cost]:
    """What a stack costs though no flow runs."""
    api = settings.prefect.api
    server = api if isinstance(api, ServerSettings) else None
    services = [settings.tasks.worker, settings.tasks.control, *([server.size] if server else [])]
    return [
        Cost("NAT gateway", HOURS_A_MONTH, "hours", prices.nat_hour),
        Cost("its address", HOURS_A_MONTH, "hours", prices.address_hour),
        *_fargate("services", services, HOURS_A_MONTH, prices),
        *(_database(server, prices) if server else ()),
        Cost("secrets", _secret_count(settings), "secrets", prices.secret_month),
        Cost("alarms", ALARMS, "alarms", prices.alarm_month),
        Cost("metrics of the log", METRICS, "metrics", prices.metric_month),
        Cost("key of the alarms' topic", KEYS, "keys", prices.key_month),
        *([Cost("private DNS zone", ZONES, "zones", prices.zone_month)] if server else ()),
        Cost("images", settings.tasks.kept_images * facts.image_gb, "GB", prices.image_gb_month),
    ]


def costs_of_volume(plan: Plan, settings: Settings, prices: Prices) -> list[Cost]:
    """What a volume adds to that, in the month that ends after `plan.history_days`."""
    volume = plan.volume
    return [
        Cost("NAT gateway", volume.json_gb_a_day * DAYS_A_MONTH, "GB", prices.nat_gb),
        *_fargate("flow runs", [settings.tasks.flow], task_hours(plan), prices),
        *_storage(plan, settings, prices),
        Cost("logs", log_gb_a_month(plan), "GB", prices.log_gb),
        Cost(
            "warehouse",
            plan.credits_a_day * DAYS_A_MONTH,
            "credits",
            prices.snowflake_credit,
            is_snowflakes=True,
        ),
        Cost(
            "Snowflake's storage",
            volume.warehouse_gb_a_day * plan.history_days / 1000,
            "TB",
            prices.snowflake_tb_month,
            is_snowflakes=True,
        ),
    ]


def task_hours(plan: Plan) -> float:
    """Hours of flow runs a month, their start included.

    Silver and gold wait for the warehouse; readers beside the first land as long as it does.
    """
    start = start_seconds(plan.volume.facts)
    committing = plan.pages * plan.volume.facts.commit_page_seconds
    readers = (plan.readers - 1) * (plan.bronze_seconds - committing)
    seconds = plan.bronze_seconds + readers + 2 * start + plan.computed_seconds
    return plan.windows_a_day * seconds / 3600 * DAYS_A_MONTH


def log_gb_a_month(plan: Plan) -> float:
    """What flow runs say."""
    facts = plan.volume.facts
    a_day = plan.volume.pages_a_day * facts.log_bytes_a_page
    return (a_day + plan.tasks_a_day * facts.log_bytes_a_run) * DAYS_A_MONTH / GB


def stored_gb(plan: Plan, settings: Settings) -> tuple[float, float]:
    """GB in S3 Standard, and GB that grew cold."""
    warm_days = min(plan.history_days, settings.landing.cold_after_days)
    a_day = plan.volume.stored_gb_a_day
    return a_day * warm_days, a_day * (plan.history_days - warm_days)


def total(costs: list[Cost], *, is_snowflakes: bool) -> float:
    """USD a month on AWS's or on Snowflake's bill."""
    return sum(cost.usd for cost in costs if cost.is_snowflakes is is_snowflakes)


def _fargate(name: str, sizes: list[Size], hours: float, prices: Prices) -> Iterator[Cost]:
    cores = sum(size.cpu for size in sizes) / 1024
    gib = sum(size.memory for size in sizes) / 1024
    yield Cost(f"{name}: processors", cores * hours, "vCPU-hours", prices.fargate_vcpu_hour)
    yield Cost(f"{name}: memory", gib * hours, "GB-hours", prices.fargate_gb_hour)


def _database(server: ServerSettings, prices: Prices) -> Iterator[Cost]:
    copies = 2 if server.is_multi_zone else 1
    hour = prices.database_hour(server.database_class)
    yield Cost("Postgres", copies * HOURS_A_MONTH, "hours", hour)
    yield Cost("Postgres: storage", copies * server.database_gib, "GB", prices.database_gb_month)


def _secret_count(settings: Settings) -> int:
    """Ours, and the database's password."""
    of_database = isinstance(settings.prefect.api, ServerSettings)
    return len(wanted_secrets(settings)) + of_database


def _storage(plan: Plan, settings: Settings, prices: Prices) -> Iterator[Cost]:
    warm, cold = stored_gb(plan, settings)
    thousands = plan.volume.pages_a_day * DAYS_A_MONTH / 1000
    is_moving = plan.history_days > settings.landing.cold_after_days
    yield Cost("S3: new pages", warm, "GB", prices.s3_gb_month)
    yield Cost("S3: cold pages", cold, "GB", prices.s3_cold_gb_month)
    yield Cost("S3: puts", thousands, "1,000", prices.s3_thousand_puts)
    yield Cost("S3: gets", thousands * S3_GETS_A_PAGE, "1,000", prices.s3_thousand_gets)
    yield Cost("S3: moves", thousands * is_moving, "1,000", prices.s3_thousand_moves)
