"""The audit reads each day's objects, keeps its answers in S3, and tells of what was changed."""

import asyncio
import json
import logging
import time

import pytest
from prefect.client.orchestration import get_client

from flows.audit_raw import audit_raw_flow
from local.console.local_settings import BUCKET
from services.errors import LandingCorrupt, QualityFailed
from services.landing import landing_key, result_key
from services.model import GENESIS
from services.quarantine import release_page
from tests.integration.lossy_proxy import Fault, LossyProxy
from tests.integration.test_run_reports import artifacts, cells, run_of
from tests.updates import line as line_of
from tests.updates import transaction

pytestmark = pytest.mark.timeout(300)  # the session's services start within the first one

COUNT = 200
SECONDS = 2
PAGES = """select s3_object_key, count(*) as row_count from bronze.canton_transactions_raw
    where network = %(network)s group by s3_object_key"""


@pytest.fixture
def line(pipeline, ledger, database):
    """A network with eight pages in three folders: genesis, and a day of two migrations."""
    made = pipeline(ledger(COUNT), SNOWFLAKE_DATABASE=database, CANTON_PAGE_SIZE="25")
    made.load()
    return made


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as opened:
        yield opened


def results(bucket, network):
    """The answers that are kept of a network's days, by the day's folder."""
    start = result_key("")
    under = {"Bucket": BUCKET, "Prefix": f"{start}canton/{network}/"}
    found = [one["Key"] for one in bucket.s3.list_objects_v2(**under).get("Contents", [])]
    return {folder(key.removeprefix(start)): json.loads(bucket.read(key)) for key in found}


def folder(key):
    return key.rpartition("/")[0]


def days(line, state):
    """The pages and updates that bronze holds of each day, as a report lists days in a state."""
    pages = line.rows(PAGES)
    return {
        day: [
            str(sum(folder(one["s3_object_key"]) == day for one in pages)),
            str(sum(one["row_count"] for one in pages if folder(one["s3_object_key"]) == day)),
            state,
        ]
        for day in {folder(one["s3_object_key"]) for one in pages}
    }


def audited(run_flow, client):
    """The state of an audit, and what its report says of each day."""
    state = run_flow(audit_raw_flow, return_state=True)
    left = {key: data for key, _, data, _ in artifacts(client, run_of(state))}
    told = cells(left["audit-report"])
    return state, {name.strip("`"): rest for name, rest in told.items() if name.startswith("`")}


def test_a_day_is_read_once_and_again_when_bronze_holds_more_of_it(
    run_flow, line, bucket, client, clock, caplog
):
    def said(read):
        updates = line.rows("select count(*) as updates from bronze.canton_transactions_raw")
        objects = len(bucket.keys(line.network))
        return (
            f"audit: {objects} objects with {updates[0]['updates']} updates are as bronze loaded"
            f" them; days read: {read} of 3"
        )

    before = days(line, "Completed")
    assert len(before) == 3
    state, read = audited(run_flow, client)
    assert said(read=3) in caplog.messages
    assert (state.name, read) == ("Completed", before)
    answers = results(bucket, line.network)
    assert {day: one["result"] for day, one in answers.items()} == {
        day: updates for day, (_, updates, _) in before.items()
    }
    assert {one["metadata"]["serializer"]["type"] for one in answers.values()} == {"json"}

    _, again = audited(run_flow, client)
    assert again == days(line, "Cached")
    assert said(read=0) in caplog.messages
    assert results(bucket, line.network) == answers

    clock.now += 60_000_000
    line.load()
    _, later = audited(run_flow, client)
    last = max(before)
    assert int(later[last][1]) > int(before[last][1])
    assert later == days(line, "Cached") | {last: days(line, "Completed")[last]}
    assert said(read=1) in caplog.messages


def test_an_object_that_was_changed_or_is_gone_is_told_and_looked_at_again_until_it_is_mended(
    run_flow, line, bucket, client, slack
):
    first, *_, last = sorted(bucket.keys(line.network))
    content = bucket.read(last)
    bucket.overwrite(last, content[:-1])
    bucket.s3.delete_object(Bucket=BUCKET, Key=first)
    wrong = {day: days(line, "Failed")[day] for day in (folder(first), folder(last))}
    state, read = audited(run_flow, client)
    assert read == days(line, "Completed") | wrong
    with pytest.raises(LandingCorrupt) as failed:
        asyncio.run(state.aresult())
    said = str(failed.value)
    assert f"{first} is gone" in said
    assert f"{last}: checksum " in said
    (told,) = slack()
    assert told.startswith(":x: *canton-audit-raw* failed\n")
    assert said in told
    assert "nothing is lost" not in told

    bucket.overwrite(last, content)
    _, read = audited(run_flow, client)
    assert read == days(line, "Cached") | {
        folder(last): days(line, "Completed")[folder(last)],
        folder(first): wrong[folder(first)],
    }


def test_an_answer_that_has_expired_is_asked_for_again(run_flow, line, bucket, client, caplog):
    audited(run_flow, client)
    start = result_key(f"canton/{line.network}/")
    for found in bucket.s3.list_objects_v2(Bucket=BUCKET, Prefix=start)["Contents"]:
        answer = json.loads(bucket.read(found["Key"]))
        answer["metadata"]["expiration"] = "2025-12-10T00:00:00Z"
        bucket.overwrite(found["Key"], json.dumps(answer).encode())
    before = results(bucket, line.network)
    caplog.clear()
    state, read = audited(run_flow, client)
    assert (state.name, read) == ("Completed", days(line, "Completed"))
    assert results(bucket, line.network) == before, "S3's lifecycle deletes them, nobody else may"
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def slowly(request):
    """Keep the first page back for longer than an audit may take."""
    if request.method == "GET" and "after%3Dgenesis" in request.path:
        time.sleep(2 * SECONDS)
    return False


def test_an_audit_that_takes_too_long_ends_is_told_and_the_next_goes_on(
    run_flow, line, client, slack, world, environment
):
    hurried = audit_raw_flow.with_options(timeout_seconds=SECONDS)
    with LossyProxy(world.run.ports.url("s3")) as slow_s3:
        slow_s3.expect(Fault(slowly, is_carried_out=True))
        database = {"SNOWFLAKE_DATABASE": line.services.settings.snowflake.database}
        environment(AWS_ENDPOINT_URL_S3=slow_s3.url, CANTON_NETWORK=line.network, **database)
        state = run_flow(hurried, return_state=True)
    assert state.name == "TimedOut"
    (told,) = slack()
    assert told.startswith(":x: *canton-audit-raw* failed\n")
    assert f"timeout of {SECONDS:.1f} second" in told
    assert "audit-report" not in [key for key, *_ in artifacts(client, run_of(state))]
    environment(**database)
    state, read = audited(run_flow, client)
    assert state.name == "Completed"
    assert read.keys() == days(line, "").keys()


def test_a_page_of_which_lines_were_released_is_read_with_its_revision(
    run_flow, pipeline, scan, database, client
):
    scan.add(transaction(number=1))
    scan.lines.append(line_of(transaction(number=2, offset=0.5)))
    found = pipeline(scan, SNOWFLAKE_DATABASE=database)
    with pytest.raises(QualityFailed):
        found.load()
    services, key = found.services, landing_key(found.network, GENESIS)
    release_page(services.landing, services.warehouse, key)
    found.load()
    assert audited(run_flow, client)[1] == {folder(key): ["1", "1", "Completed"]}


def test_an_audit_of_a_bronze_without_a_page_says_so(run_flow, pipeline, scan, database, caplog):
    pipeline(scan, SNOWFLAKE_DATABASE=database)
    assert run_flow(audit_raw_flow) == 0
    assert "audit: bronze holds no page yet, nothing to audit" in caplog.messages
