import pytest

from local.home import words
from local.home.lineage import State
from local.home.readings import Reading, Readings, from_line, to_line
from local.home.view import view
from tests.unit.home.readings import (
    NETWORK,
    NOW,
    PLACE,
    asset,
    everything,
    landing,
    layer,
    prefect,
    run,
    scan,
    warehouse,
)


def seen(network="", **changes):
    return view(PLACE, everything(**changes), network, NOW)


def node(name, **changes):
    return next(one for one in seen(**changes).nodes if one.name == name)


def test_data_is_followed_from_the_scan_to_gold():
    found = seen()
    assert [(one.name, one.count, one.lag) for one in found.nodes] == [
        ("Scan", "7,119 updates", ""),
        ("S3", "7 pages", ""),
        ("bronze", "6,211 rows", "12 min behind the Scan"),
        ("silver", "6,211 rows", "level"),
        ("gold", "6,211 rows", "level"),
    ]
    assert found.nodes[2].facts == [("last commit", "9 min ago"), ("batches", "2")]
    assert found.status == State("good", "All layers are current")


SILVER, GOLD, MART = (f"snowflake://local/CANTON/{one}" for one in ("SILVER", "GOLD", "MART"))
RAW, PAGES = "snowflake://local/CANTON/BRONZE/RAW", "s3://landing/canton/x/updates"


def drawn(*assets):
    return seen(prefect=prefect(assets=[*assets]))


def test_the_edges_are_those_of_the_events():
    found = drawn(
        asset(PAGES, "canton://x/updates"),
        asset(RAW, PAGES),
        asset(f"{GOLD}/MINUTES", RAW, f"{GOLD}/RATES"),
        asset(f"{MART}/DAYS", f"{GOLD}/MINUTES", "postgres://books/ledger"),
    )
    assert {node.name: node.sources for node in found.nodes} == {
        "Scan": (), "S3": ("Scan",), "bronze": ("S3",), "silver": (), "gold": ("bronze",),
        "books": (), "mart": ("gold", "books"),
    }  # fmt: skip
    assert not found.is_planned


def test_what_a_first_run_has_not_written_yet_has_the_edges_that_are_planned():
    found = drawn(asset(PAGES, "canton://x/updates"), asset(RAW, PAGES))
    assert {node.name: node.sources for node in found.nodes} == {
        "Scan": (), "S3": ("Scan",), "bronze": ("S3",), "silver": ("bronze",), "gold": ("silver",),
    }  # fmt: skip


def test_without_an_event_the_edges_are_as_planned_and_the_page_says_so():
    planned = {
        "Scan": (), "S3": ("Scan",), "bronze": ("S3",), "silver": ("bronze",), "gold": ("silver",),
    }  # fmt: skip
    for answer, is_planned in (
        (prefect(assets=[]), True),
        (Reading(problem="refused"), False),
        (Reading(), False),
    ):
        found = seen(prefect=answer)
        assert {node.name: node.sources for node in found.nodes} == planned
        assert found.is_planned is is_planned


def test_a_node_shows_what_was_last_written_in_it():
    found = drawn(
        asset(f"{SILVER}/COINS", RAW, rows=3992),
        asset(f"{SILVER}/CHECKS", RAW, at="2026-11-29T11:00:00Z", network=None, rows=None),
        asset(f"{SILVER}/ELSEWHERE", RAW, network="another"),
    )
    (silver,) = (node for node in found.nodes if node.name == "silver")
    assert [(one.name, one.rows, one.ago) for one in silver.written] == [
        ("checks", words.NOTHING, "1 h ago"), ("coins", "3,992 rows", "9 min ago"),
    ]  # fmt: skip
    assert silver.written_ago == "9 min ago"


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        pytest.param({"prefect": prefect(run("silver", "RUNNING", "Running"))}, "silver",
                     State("busy", "running"), id="running"),
        pytest.param({"prefect": prefect(run("gold", "CRASHED", "Crashed"), run("gold"))}, "gold",
                     State("bad", "last run failed"), id="failed"),
        pytest.param({"warehouse": warehouse(layer("bronze"))}, "silver",
                     State("quiet", "empty"), id="empty"),
        pytest.param({"warehouse": warehouse(layer("bronze", batch_id=4), layer("silver"))},
                     "silver", State("warn", "2 batches behind"), id="behind"),
        pytest.param({"warehouse": warehouse(layer("bronze", reached_at="2026-11-29T10:29:59Z"))},
                     "bronze", State("warn", "stale"), id="stale"),
        pytest.param({"warehouse": warehouse(layer("bronze", reached_at="2026-11-29T10:30:00Z"))},
                     "bronze", State("good", "current"), id="just fresh"),
        pytest.param({"warehouse": warehouse(layer("bronze", reached_at="2026-11-29T11:00:00Z")),
                      "prefect": prefect(max_age_minutes=30)},
                     "bronze", State("warn", "stale"), id="stale by a deployment's own limit"),
        pytest.param({"warehouse": warehouse(layer("bronze", reached_at="2025-11-29T11:00:00Z")),
                      "prefect": prefect(max_age_minutes=0)},
                     "bronze", State("good", "current"), id="any age"),
        pytest.param({"landing": landing(9)}, "S3", State("busy", "2 not loaded"), id="landed"),
        pytest.param({"landing": landing(9, is_cut=True)}, "S3", State("good", "answers"),
                     id="more pages than are counted"),
        pytest.param({"scan": scan(faults=[{"kind": "slow"}])}, "Scan", State("warn", "1 fault"),
                     id="faults"),
        pytest.param({"scan": scan(network="another")}, "Scan",
                     State("quiet", "of another network"), id="another network"),
        pytest.param({"scan": Reading(problem="refused")}, "Scan", State("bad", "no answer"),
                     id="silent"),
    ],
)  # fmt: skip
def test_a_node_says_how_it_stands(changes, name, state):
    assert node(name, **{"warehouse": warehouse(), **changes}, network=NETWORK).state == state


def test_the_status_names_the_worst():
    late = warehouse(layer("bronze", batch_id=3), layer("silver"), layer("gold"))
    assert seen(warehouse=late).status == State("warn", "Silver: 1 batch behind")
    found = seen(warehouse=late, scan=Reading(problem="refused"))
    assert found.status == State("bad", "Scan: no answer")
    assert found.problems == [("The mocked Scan", "refused")]


def test_a_page_without_data_says_so():
    empty = Reading({"by_network": {}, "is_cut": False})
    found = seen(warehouse=warehouse(layers=[]), landing=empty)
    assert (found.network, found.status) == (NETWORK, State("quiet", "No data yet"))


def test_nothing_is_known_before_the_first_reading():
    found = view(PLACE, Readings(dict.fromkeys(["warehouse", "prefect"], Reading())), "", NOW)
    assert found.status == State("quiet", "Reading…")
    assert [one.state.word for one in found.nodes][2:] == ["reading…"] * 3


def test_the_network_that_is_asked_for_is_shown():
    both = warehouse(layer("bronze"), layer("bronze", network="other", row_count=1))
    assert seen(warehouse=both).network == NETWORK, "the Scan's own"
    found = seen("other", warehouse=both)
    assert (found.networks, found.nodes[2].count) == ([NETWORK, "other"], "1 row")
    assert seen("unknown", warehouse=both).network == NETWORK


def test_freshness_is_an_age_and_its_limit():
    (bronze, *_) = seen().freshness
    assert (bronze.age, bronze.limit, round(bronze.share, 2)) == ("12 min", "1.5 h", 0.13)


def test_with_a_ledger_that_is_ahead_all_ages_are_by_the_clock_of_this_machine():
    late = {
        "clock": {"now": "2026-11-29T18:00:00Z", "speed": 1.0, "is_frozen": False},
        "head": {"migration_id": 4, "record_time": "2026-11-29T17:59:00Z"},
    }
    reached = warehouse(layer("bronze", reached_at="2026-11-29T17:00:00Z"), layer("silver"))
    found = seen(scan=scan(**late), warehouse=reached)
    assert [(one.state.word, one.age, one.lead) for one in found.freshness] == [
        ("fresh", "", "5 h ahead"), ("fresh", "12 min", ""), ("empty", words.NOTHING, "")
    ]  # fmt: skip
    assert found.nodes[0].facts[0] == ("newest", "6 h ahead")
    assert found.nodes[2].lag == "59 min behind the Scan"


def test_a_run_leads_to_its_page():
    (found,) = seen().runs
    assert (found.flow, found.url) == ("gold", "http://page/runs/flow-run/run-id")


def test_the_highest_bar_fills_the_chart():
    counts = {"2026-11-29T11:47:00Z": 50, "2026-11-29T11:48:00Z": 200}
    activity = [
        {"network": NETWORK, "minute_at": at, "update_count": count}
        for at, count in counts.items()
    ]  # fmt: skip
    found = seen(warehouse=warehouse(activity=activity))
    assert [(bar.x, bar.height) for bar in found.bars] == [(0, 25.0), (1, 100.0)]
    assert (found.bars[-1].label, found.most_updates) == ("11:48: 200 updates", "200")


@pytest.mark.parametrize(
    ("now", "lead"),
    [("2026-11-29T12:00:59Z", ""), ("2026-11-29T18:00:00Z", "6 h ahead"),
     ("2026-11-29T11:50:00Z", "10 min behind")],
)  # fmt: skip
def test_a_clock_that_was_moved_is_told(now, lead):
    clock = {"now": now, "speed": 1.0, "is_frozen": False}
    assert seen(scan=scan(clock=clock)).clock_lead == lead


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (-3, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "60 min"), (3600, "1 h"),
     (5400, "1.5 h"), (90_000, "1 d"), (20 * 86_400, "20 d")],
)  # fmt: skip
def test_a_span_is_in_the_unit_that_a_person_would_use(seconds, text):
    assert words.span(seconds) == text


def test_a_reading_is_read_back_as_it_was():
    for reading in (Reading({"rows": [1, "é"]}), Reading(problem="no\nanswer")):
        line = to_line("scan", reading)
        assert "\n" not in line
        assert from_line(line) == ("scan", reading)
