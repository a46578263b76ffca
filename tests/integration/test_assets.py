"""A run tells Prefect's server which tables it wrote, and from what; one without news, nothing."""

from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.events import emit_event

from flows.pipeline import pipeline_flow
from local.console.local_settings import BUCKET
from local.home.graph import PLAN, sources_of
from local.home.place import HomePlace
from local.home.readings import PREFECT
from local.home.sources import read_prefect
from services.catalog import TABLES
from tests.clone import until

pytestmark = pytest.mark.timeout(300)  # the session's services start within the first one

COUNT = 200
COUNTS = " union all ".join(
    f"select '{table}' as name, count(*) as n from {table} where network = %(network)s"
    for tables in TABLES.values()
    for table in tables
)


@pytest.fixture
def events(prefect_server):
    """Everything that the server knows of some resources, once all of this process has arrived."""
    with get_client(sync_client=True) as client:

        def read(*prefixes):
            wanted = {"resource": {"id_prefix": prefixes}, "order": "ASC"}
            answer = client.request("POST", "/events/filter", json={"filter": wanted})
            return answer.json()["events"]

        def arrived(*prefixes):
            last = f"canton.test.{uuid4()}"
            emit_event(event="canton.test.last", resource={"prefect.resource.id": last})
            until(lambda: read(last), "the last event")
            return read(*prefixes)

        yield arrived


def uri(database, table):
    return f"snowflake://local/{database}/{table.upper().replace('.', '/')}"


def test_a_run_tells_of_each_table_its_rows_and_sources_and_an_empty_one_of_none(
    run_flow, pipeline, ledger, database, world, events
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_DATABASE=database)
    pages = f"s3://{BUCKET}/canton/{line.network}/updates"
    own = (f"snowflake://local/{database}/", pages)
    run_flow(pipeline_flow, max_age_minutes=0)
    before = events(*own)

    settings = {**world.environment, "SNOWFLAKE_DATABASE": database}
    urls = {PREFECT: world.environment["PREFECT_API_URL"].removesuffix("/api")}
    answer = read_prefect(HomePlace("here", urls, urls, environment=settings))
    found = {one["uri"]: one for one in answer["assets"]}
    raw, read = uri(database, "bronze.canton_transactions_raw"), uri(database, "silver.canton_")
    made_from = {
        "bronze": {pages},
        "silver": {raw},
        "gold": {f"{read}UPDATES", f"{read}TRANSACTIONS"},
    }
    sources = {
        uri(database, table): made_from[layer]
        for layer, tables in TABLES.items()
        for table in tables
    }
    sources[pages] = {f"canton://{line.network}/updates"}
    assert {one: set(found[one]["sources"]) for one in sources} == sources
    rows = {uri(database, row["name"]): row["n"] for row in line.rows(COUNTS)}
    assert {one: found[one]["rows"] for one in rows} == rows
    assert found[pages]["rows"] == rows[raw] == COUNT
    assert {found[one]["network"] for one in sources} == {line.network}
    plan = {name: PLAN[max(0, at - 1) : at] for at, name in enumerate(PLAN)}
    assert sources_of(answer["assets"]) == plan

    assert {one["event"] for one in before} >= {"prefect.asset.materialization.succeeded"}
    run_flow(pipeline_flow, max_age_minutes=0)
    assert events(*own) == before
