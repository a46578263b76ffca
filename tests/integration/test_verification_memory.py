"""`make verify` holds a few pages of history at once, however long the history is."""

import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector import SnowflakeConnection

from local.embedded.children import Children
from local.verify.truth import Oracle
from local.verify.verify import SAMPLE, verify
from services.adapters.snowflake import Session, Warehouse
from services.landing import landing_key, revision_key
from services.migrate import migrate
from services.model import Position, parse_record_time
from services.settings import read_snowflake
from services.watermarks import BRONZE, GOLD, SILVER, BatchRecord, record_batch
from services.wiring import open_warehouse
from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake, start
from tests.updates import NETWORK

PAGES, PAGE = 24, 250
START = datetime(2025, 12, 10, tzinfo=UTC)


def time_of(number: int) -> datetime:
    """The record time of an update, or where it would be."""
    return START + timedelta(seconds=number)


def text_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def update_id(number: int) -> str:
    return f"1220{number * 2_654_435_761 % 2**64:064x}"  # in another order than the times


def payload(number: int) -> dict[str, object]:
    page = (number - 1) // PAGE
    return {
        "update_id": update_id(number),
        "migration_id": 4,
        "record_time": text_of(time_of(number)),
        "page_from": text_of(time_of(page * PAGE)),
        "page_upto": text_of(time_of((page + 1) * PAGE)),
    }


def ask(query: dict[str, str]) -> dict[str, object]:
    """Answer a request for the movements between two positions: nobody moved anything."""
    first, last = (
        int((parse_record_time(query[f"{edge}_record_time"]) - START).total_seconds())
        for edge in ("after", "upto")
    )
    numbers = range(first + 1, last + 1)
    minutes = Counter(
        (time_of(number) + timedelta(seconds=30)).replace(second=0) for number in numbers
    )
    return {
        "is_complete": True,
        "upto": None,
        "accounts": [],
        "minutes": [
            {"minute_at": text_of(at), "update_count": count} for at, count in minutes.items()
        ],
        "updates": [
            {
                "update_id": update_id(number),
                "migration_id": 4,
                "record_time": text_of(time_of(number)),
                "movements": [],
            }
            for number in numbers
        ],
    }


def load(session: Session, folder: Path) -> None:
    """A batch in bronze, silver and gold, page by page."""
    session.execute("create stage bronze.files")
    for page in range(PAGES):
        file = folder / f"{page}.json"
        numbers = range(page * PAGE + 1, (page + 1) * PAGE + 1)
        file.write_text("\n".join(json.dumps(payload(number)) for number in numbers))
        session.execute(f"put file://{file} @bronze.files auto_compress=false")
        file.unlink()
        session.execute(
            f"""copy into bronze.canton_transactions_raw
                    (network, source_event_id, cdc_from_ts, cdc_to_ts, raw_payload, batch_id)
                from (select '{NETWORK}', $1:update_id::string, $1:page_from::timestamp_ntz,
                          $1:page_upto::timestamp_ntz, $1, 1 from @bronze.files/)
                files = ('{page}.json') file_format = (type = json)"""
        )
    session.execute(
        """insert into silver.canton_updates (network, update_id, migration_id, record_time,
               update_kind, is_known, movements, rules_version, batch_id)
           select network, source_event_id, 4, raw_payload:record_time::timestamp_ntz, 'x', true,
               parse_json('[]')::array, 1, 1 from bronze.canton_transactions_raw"""
    )
    session.execute(
        """insert into gold.network_activity_minute (network, minute_at, update_count,
               transaction_count, aborted_count, account_count, transferred_cc, minted_cc,
               burned_cc, usd_rate, usd_value, batch_id)
           select network, date_trunc('minute', dateadd('second', 30, record_time)), count(*),
               0, 0, 0, 0, 0, 0, 0.15, 0, 1 from silver.canton_updates group by 1, 2"""
    )
    session.execute(
        "insert into ops.usd_rates (effective_at, usd_rate) values ('1970-01-01', 0.15)"
    )
    for stream in (BRONZE, SILVER, GOLD):
        session.execute(
            """insert into ops.cdc_watermarks (stream, network, migration_id, record_time,
                   consumed_batch_id, batch_id)
               values (%(stream)s, %(network)s, 4, '2025-12-10', 1, 1)""",
            {"stream": stream, "network": NETWORK},
        )
    starts = [Position(4, time_of(page * PAGE)) for page in range(PAGES + 1)]
    keys = [landing_key(NETWORK, after) for after in starts[:-1]]
    keys[3] = revision_key(keys[3], 1)  # a page that was released is read like any other
    batch = BatchRecord(
        "bronze", NETWORK, 1, "live", PAGES * PAGE, PAGES * PAGE, starts[0], starts[-1], None, None,
        keys,
    )  # fmt: skip
    record_batch(session, batch, "run-1")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSnowflake]:
    folder = tmp_path_factory.mktemp("warehouse")
    with Children(folder / "logs") as children:
        yield start(children, folder / "data")


@pytest.fixture(scope="module")
def warehouse(server: LocalSnowflake, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    settings = {
        "SNOWFLAKE_ACCOUNT": "local",
        "SNOWFLAKE_USER": USER,
        "SNOWFLAKE_PASSWORD": PASSWORD,
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(server.port),
        "SNOWFLAKE_PROTOCOL": "http",
    }
    opened = open_warehouse(read_snowflake(settings))
    migrate(opened)
    with opened.session() as session:
        load(session, tmp_path_factory.mktemp("pages"))
    return opened


class Watched:
    """A warehouse that counts the rows of each answer, and those of bronze that it comes from."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.answers: dict[str, int] = {}
        self.payloads_read: list[int] = []

    @contextmanager
    def session(self) -> Generator["WatchedSession"]:
        with self._warehouse.session() as session:
            yield WatchedSession(session.connection, self)


class WatchedSession(Session):
    def __init__(self, connection: SnowflakeConnection, watched: Watched) -> None:
        super().__init__(connection)
        self._watched = watched

    def query(self, sql: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        rows = super().query(sql, values)
        answers = self._watched.answers
        answers[sql] = max(answers.get(sql, 0), len(rows))
        if "raw_payload" in sql:
            self._watched.payloads_read.append(self._payloads_read(sql, values))
        return rows

    def _payloads_read(self, sql: str, values: dict[str, Any] | None) -> int:
        """Count the bronze rows that a statement reads before it groups, orders or limits them."""
        _, _, condition = sql.partition(" where ")
        condition = re.split(r"\s(?:group|order) by\s|\slimit\s", condition)[0] or "true"
        ((count,),) = [
            tuple(row.values())
            for row in super().query(
                f"select count(*) from bronze.canton_transactions_raw where {condition}", values
            )
        ]
        return int(count)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    numbers = {update_id(number): number for number in range(1, PAGES * PAGE + 1)}
    return Oracle(ask, lambda one: payload(numbers[one]))


@pytest.mark.parametrize("pages", [1, 7, PAGES])
def test_slices_of_any_size_add_up_to_the_whole(
    warehouse: Warehouse, oracle: Oracle, pages: int
) -> None:
    verdict = verify(warehouse, NETWORK, oracle, pages)

    assert verdict.differences == {table: [] for table in verdict.row_counts}
    assert verdict.row_counts["bronze.canton_transactions_raw"] == PAGES * PAGE
    assert verdict.row_counts["silver.canton_updates"] == PAGES * PAGE
    assert verdict.row_counts["gold.network_activity_minute"] == PAGES * PAGE // 60 + 1


def test_no_statement_reads_the_payloads_of_more_than_a_slice(
    warehouse: Warehouse, oracle: Oracle
) -> None:
    watched = Watched(warehouse)
    assert verify(watched, NETWORK, oracle, 2).holds  # type: ignore[arg-type]

    assert max(watched.answers.values()) == 2 * PAGE
    # What the server has in hand of it: grouped, the payloads of all history would fit no memory.
    assert max(watched.payloads_read) == 2 * PAGE
    assert sum(watched.payloads_read) == PAGES * PAGE + SAMPLE


def test_this_process_needs_memory_for_a_slice_alone(warehouse: Warehouse, oracle: Oracle) -> None:
    peaks: list[int] = []
    for pages in (2, PAGES):
        tracemalloc.start()
        assert verify(warehouse, NETWORK, oracle, pages).holds
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[0] < peaks[1] / 2
