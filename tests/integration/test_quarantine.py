"""Quarantine as people work it: what waits, who decided what, and what `make verify` then says."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.console import commands
from local.console.errors import CommandFailed
from local.console.person import user_at_host
from local.verify.truth import Oracle
from local.verify.verify import report_lines, verify
from mocks.canton_scan.app import create_app
from mocks.canton_scan.truth import bound, truth
from services import __main__ as command_line
from services.alert_checks import old_quarantine
from services.errors import LineRefused, QualityFailed, WarehouseRefused
from services.landing import landing_key, revision_key
from services.model import GENESIS
from services.quality import check_lines
from services.quality_rules import LINE_RULES
from services.quarantine import keep_offending, keeping_refused_lines, release_page
from services.quarantine_work import entries, undecided
from tests.integration.scans import FaultyScan
from tests.updates import line, place, transaction, update_id

COUNT = 200
SPOILT = (3, 120)  # of the ledger's updates
BAD = line(transaction(number=2, offset=0.5))


@pytest.fixture
def types(capsys):
    """A command of `python -m services`, which prints these lines or else fails."""

    def run(*words):
        capsys.readouterr()
        code = command_line.main(words)
        printed = capsys.readouterr()
        return printed.out.splitlines() if code == 0 else [printed.err.strip()]

    return run


def listed(types, network, *key):
    """The answer of `quarantine --json` for a network."""
    rows = [json.loads(row) for row in types("quarantine", *key, "--json")]
    return [row for row in rows if row["network"] == network]


@pytest.fixture
def stopped(pipeline, scan):
    """A network whose only page has one line of three that breaks a rule."""
    scan.add(*(transaction(number=number) for number in (1, 3)))
    scan.lines.insert(1, BAD)
    found = pipeline(scan)
    for _ in range(2):
        with pytest.raises(QualityFailed):
            found.load()
    return found


def test_a_stopped_page_waits_until_people_decide_and_each_act_is_recorded(stopped, types):
    network, key = stopped.network, landing_key(stopped.network, GENESIS)
    (waits,) = listed(types, network)
    reason = waits.pop("reason")
    assert reason.startswith("no_fraction_is_a_json_number (error): 1 of 3")
    first_seen_at = waits.pop("first_seen_at")
    assert waits == {
        "state": "waits", "network": network, "layer": "bronze", "key": key, "lines": 1,
        "rule": "no_fraction_is_a_json_number",
    }  # fmt: skip
    shown = types("quarantine", key)
    assert shown[:2] == [
        f"{key}: waits", f"network {network}, bronze, first seen {first_seen_at[:19]} UTC",
    ]  # fmt: skip
    assert [json.loads(one)["update_id"] for one in shown if one[0] == "{"] == [update_id(2)]
    assert shown[-1] == "nobody has acted on it"

    types("release", key, "--by", "ada@laptop")
    assert [row["state"] for row in listed(types, network)] == ["released"]
    assert stopped.load().row_count == 2
    (refused,) = types("release", key)
    assert refused == (
        f"error: {key} is loaded already, a release changes nothing:"
        " ./pipeline quarantine lists what waits"
    )
    types("discard", key, "--reason", "lost digits, told the node's owner")
    assert listed(types, network) == []

    (shown,) = listed(types, network, key)
    assert (shown["state"], shown["first_seen_at"]) == ("discarded", first_seen_at)
    assert all(act.pop("acted_at") > first_seen_at for act in shown["acts"])
    of_it = [{"update_id": update_id(2), "position": str(place(2))}]
    assert shown["acts"] == [
        {"act": "release", "acted_by": "ada@laptop", "reason": None, "updates": of_it},
        {
            "act": "discard", "acted_by": "PIPELINE", "updates": of_it,
            "reason": "lost digits, told the node's owner",
        },
    ]  # fmt: skip
    assert types("discard", key, "--reason", "again") == [
        f"error: {key} is discarded already: ./pipeline quarantine {key} shows it"
    ]


def test_a_page_that_waits_is_released_when_its_lines_are_discarded(stopped, types):
    key = landing_key(stopped.network, GENESIS)
    said = types("discard", key, "--reason", "lost digits")
    assert said[0].startswith("1 of 3 lines set aside in quarantine/")
    assert said[-1] == f"{key} is discarded: lost digits"
    assert stopped.load().row_count == 2
    (shown,) = listed(types, stopped.network, key)
    assert [act["act"] for act in shown["acts"]] == ["release", "discard"]


class Here:
    """The place of the test's services, for a command of `./pipeline`."""

    name = "here"

    def __init__(self, world):
        self.settings = lambda: dict(world.environment)


def test_the_verbs_record_the_person_who_types_them(stopped, world, capfd):
    key = landing_key(stopped.network, GENESIS)

    def pipeline(verb, **told):
        capfd.readouterr()
        assert verb({"KEY": key, **told}, lambda _: nullcontext(Here(world))) == 0
        return capfd.readouterr().out.splitlines()

    assert pipeline(commands.quarantine)[0] == f"{key}: waits"
    assert pipeline(commands.release)[0].startswith("1 of 3 lines set aside in quarantine/")
    said = pipeline(commands.discard, REASON="--lost digits")
    assert said == [f"{key} is discarded: --lost digits"]
    (shown,) = map(json.loads, pipeline(commands.quarantine, FORMAT="json"))
    assert [one["acted_by"] for one in shown["acts"]] == [user_at_host()] * 2


@pytest.mark.parametrize(
    ("verb", "told", "wanted"),
    [
        (commands.release, {}, "which page"),
        (commands.discard, {}, "which page"),
        (commands.discard, {"KEY": "canton/x"}, "why"),
        (commands.discard, {"KEY": "canton/x", "REASON": " "}, "why"),
    ],
)
def test_a_verb_that_lacks_something_says_what_to_type(verb, told, wanted):
    with pytest.raises(CommandFailed, match=rf"^{wanted}\? ./pipeline"):
        verb(told, lambda _: pytest.fail("nothing is to be done"))


def test_another_line_of_a_discarded_page_waits_again(stopped, types):
    key = landing_key(stopped.network, GENESIS)
    types("discard", key, "--reason", "lost digits")
    services = stopped.services
    landed = services.landing.find(key, GENESIS)
    refused = LineRefused("a key twice", key, revision_key(key, 1), 2)
    with (
        pytest.raises(LineRefused),
        keeping_refused_lines(services.landing, services.warehouse, "run-2"),
    ):
        raise refused
    (waits,) = listed(types, stopped.network)
    assert (waits["state"], waits["lines"], waits["rule"]) == ("waits", 1, None)
    assert waits["reason"] == f"line 2 of {revision_key(key, 1)}: a key twice"

    types("release", key)
    (shown,) = listed(types, stopped.network, key)
    assert (shown["state"], shown["lines"], shown["payload_count"]) == ("released", 2, 2)
    assert [page.line_count for page in stopped.check([landed]).pages] == [1]


def test_a_page_whose_rule_was_repaired_is_loaded_and_waits_no_more(pipeline, scan, types):
    scan.add(transaction(number=1))
    found = pipeline(scan)
    (page,) = found.land(found.watermark())
    services = found.services
    strict = [replace(LINE_RULES[0], severity="error", is_broken=lambda _: True)]
    with services.warehouse.session() as session:
        broken = check_lines(scan.lines, strict)
        keep_offending(services.landing, session, page.key, scan.lines, broken, run_id="run-1")
    assert [row["state"] for row in listed(types, found.network)] == ["waits"]
    assert types("release", page.key) == [
        f"error: {page.key}: no line breaks a rule, nothing has to be released"
    ]
    found.load()
    assert listed(types, found.network) == []
    assert types("discard", page.key, "--reason", "x") == [
        f"error: {page.key} is loaded already: ./pipeline quarantine {page.key} shows it"
    ]


def test_nothing_is_released_where_the_act_cannot_be_recorded(pipeline, scan, database, types):
    scan.lines = [BAD]
    found = pipeline(scan, SNOWFLAKE_DATABASE=database)
    with pytest.raises(QualityFailed):
        found.load()
    found.execute("drop table ops.quarantine_acts")
    services, key = found.services, landing_key(found.network, GENESIS)
    with pytest.raises(WarehouseRefused, match="quarantine_acts"):
        release_page(services.landing, services.warehouse, key)
    assert [row["revision_key"] for row in found.table("ops.quarantine")] == [None]
    for command in (["quarantine"], ["release", "x"], ["discard", "x", "--reason", "y"]):
        (said,) = types(*command)
        assert said.startswith("error: an earlier version made these tables: make run or make up")


class Counted:
    """A session, and how many rows each of its queries gave."""

    def __init__(self, session):
        self.session, self.counts = session, []

    def query(self, sql, values=None):
        rows = self.session.query(sql, values)
        self.counts.append(len(rows))
        return rows


RELEASED = "('{network}', 'page-{n}', 'r', 'q-{n}', 1), ('{network}', 'page-{n}', null, 'q-{n}', 0)"


def test_who_looks_for_what_waits_reads_nothing_of_what_was_released(pipeline, scan, database):
    found = pipeline(scan, SNOWFLAKE_DATABASE=database)
    network = found.network

    def set_aside(*rows):
        found.execute(
            f"""insert into ops.quarantine
                    (network, object_key, revision_key, quarantine_key, reason, created_at)
                select column1, column2, column3, column4, 'why',
                    dateadd('minute', column5, '2026-11-29 12:00'::timestamp_ntz)
                from values {", ".join(rows)}"""
        )

    set_aside(*(RELEASED.format(network=network, n=n) for n in range(10)))
    set_aside("('another', 'theirs', null, 'q', 0)")
    with found.services.warehouse.session() as session:
        look = Counted(session)
        assert old_quarantine(look, network, datetime.now(UTC), "a link") == []
        assert look.counts == [0]
        set_aside(
            f"('{network}', 'page-0', null, 'q-new', 2)",
            f"('{network}', 'page-x', null, 'q-x', 3)",
            f"('{network}', null, null, 'broken', 4)",
            f"('{network}', null, null, 'given up', 5)",
        )
        found.execute(
            """insert into ops.quarantine_acts (network, quarantine_key, act, acted_by)
               select %(network)s, 'given up', 'discard', 'ada'"""
        )
        expected = [
            (entry.key, entry.state, entry.first_seen_at)
            for entry in entries(session)
            if entry.network == network and entry.state in {"waits", "refused"}
        ]
        looked = undecided(session, network)
        assert [(one.key, one.state, one.first_seen_at) for one in looked] == expected
        assert [one[:2] for one in expected] == [
            ("page-0", "waits"), ("page-x", "waits"), ("broken", "refused")
        ]  # fmt: skip


def spoil(body):
    """A page of the Scan in which some updates have lost digits."""
    page = json.loads(body)
    for number in SPOILT:
        page["transactions"][number]["offset"] = 0.5
    return json.dumps(page).encode()


def test_verify_misses_what_was_released_and_knows_what_was_discarded(ledger, pipeline, types):
    history = ledger(COUNT)
    faulty = FaultyScan(create_app(history))
    faulty.fault = spoil
    found = pipeline(faulty.app)
    with pytest.raises(QualityFailed):
        found.run()
    assert faulty.met == 1
    faulty.fault = None
    key = landing_key(found.network, GENESIS)

    def ask(query):
        return truth(history, bound(query, "after"), bound(query, "upto"), limit=70)

    oracle = Oracle(ask, lambda one: json.loads(history.find(one)))

    types("release", key)
    found.run()
    verdict = verify(found.services.warehouse, found.network, oracle)
    missing = verdict.differences["bronze.canton_transactions_raw"]
    assert len(missing) == len(SPOILT)
    assert all(one.endswith(": is missing") for one in missing)

    types("discard", key, "--reason", "lost digits")
    verdict = verify(found.services.warehouse, found.network, oracle)
    assert verdict.differences == {table: [] for table in verdict.row_counts}
    assert verdict.row_counts["bronze.canton_transactions_raw"] == COUNT - len(SPOILT)
    printed = list(report_lines(verdict))
    assert printed[-1] == "updates left out: 2, which ops.quarantine_acts discards"

    found.execute(
        """insert into bronze.canton_transactions_raw (network, source_event_id, batch_id,
               s3_object_key, cdc_from_ts, cdc_to_ts)
           select network, value:update_id::string, 1, object_key,
               (select min(cdc_from_ts) from bronze.canton_transactions_raw b
                where b.network = %(network)s),
               (select min(cdc_to_ts) from bronze.canton_transactions_raw b
                where b.network = %(network)s)
           from ops.quarantine_acts, lateral flatten(input => updates)
           where network = %(network)s and act = 'discard' limit 1"""
    )
    verdict = verify(found.services.warehouse, found.network, oracle)
    (extra,) = verdict.differences["bronze.canton_transactions_raw"]
    assert extra.endswith(": should not be there"), "discarded, and loaded all the same"
