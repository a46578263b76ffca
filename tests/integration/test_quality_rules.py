"""Each rule stops, or only tells of, data that breaks it, where it runs; either is recorded."""

import json
from dataclasses import replace

import pytest

from flows.bronze_transactions import bronze_transactions_flow
from flows.gold_transactions import gold_transactions_flow
from flows.silver_transactions import silver_transactions_flow
from services import __main__ as command_line
from services import bronze, gold, silver
from services.errors import LandingCorrupt, LineRefused, QualityFailed
from services.freshness import check_freshness
from services.landing import landing_key, pack, revision_key, unpack
from services.layers import commit_window
from services.model import GENESIS
from services.quality_rules import BATCH_RULES, FRESHNESS_RULES, LINE_RULES, rules_of
from tests.coin.building import ended, unlocked
from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    DSO,
    amulet,
    created,
    exercised,
    holdings_change,
    leg,
    line,
    summary,
    tap,
    transaction,
    transfer,
)


def update(number, *events, **fields):
    """An update; one that taps 5 CC for Alice unless something else is said."""
    return transaction(*(events or [tap(ALICE, "5.0")]), number=number, **fields)


LINES = {
    "update_id_is_a_hash": lambda: update(2, update_id="1220zz"),
    "event_tree_is_complete": lambda: update(2, root_event_ids=["elsewhere:0"]),
    "effective_at_is_a_time": lambda: update(2, effective_at="yesterday"),
    "no_fraction_is_a_json_number": lambda: update(2, offset=0.5),
    "ledger_time_is_near": lambda: update(2, effective_at="2025-12-10T15:00:00Z"),
}


# Lines of 64 and 128 MiB are only held against their rules, in tests/unit/quality.
LARGE = {"update_fits_a_variant", "update_is_far_from_the_limit"}


@pytest.mark.parametrize(
    "rule", [rule for rule in LINE_RULES if rule.name not in LARGE], ids=lambda rule: rule.name
)
def test_a_landed_line_that_breaks_a_rule_is_found_before_it_is_loaded(pipeline, scan, rule):
    odd = LINES[rule.name]()
    scan.add(update(1), odd)
    pages = pipeline(scan)
    watermark = pages.watermark()
    landed = pages.land(watermark)
    if rule.severity == "error":
        key = landing_key(pages.network, GENESIS)
        with pytest.raises(
            QualityFailed, match=rf"./pipeline release {key} .*{rule.name}"
        ) as found:
            pages.check(landed)
        assert "1 of 2" in str(found.value)
    else:
        found = pages.check(landed).findings
        assert [(one.rule, one.offenders) for one in found if one.offenders] == [(rule.name, 1)]
    assert (pages.watermark(), pages.batches()) == (watermark, [])
    if rule.severity == "error":
        assert broken(pages) == [(1, rule.name, 1, 2, [f"update {odd['update_id']}"])]


def broken(line):
    """The recorded broken rules: the batch, the rule, offenders of how many, and samples."""
    return [
        tuple(row[name] for name in ("batch_id", "rule", "offenders", "total", "sample_keys"))
        for row in line.rows(
            """select * from ops.quality_results where network = %(network)s and is_broken
               order by layer, batch_id, rule"""
        )
    ]


RIGHT = "Splice.Amulet:RewardCouponV2"
BATCHES = {
    "movements_are_readable": lambda: update(1, tap(ALICE, "many")),
    "rows_agree_with_contracts": lambda: update(
        1, exercised("AmuletRules_Confiscate", {}, {}, amulet(BOB, "1.0"))
    ),
    "supply_changes_by_mints_and_burns": lambda: update(1, amulet(BOB, "1.0")),
    "dso_party_keeps_no_coin": lambda: update(1, amulet(DSO, "1.0")),
    "mints_are_worth_their_rewards": lambda: update(
        1,
        created(RIGHT, {"dso": DSO, "amount": "2.0"}, name="right"),
        exercised("Archive", template=RIGHT, consuming=True, name="right"),
        holdings_change(BOB, leg("Receiver", None, "3.0")),
        amulet(BOB, "3.0"),
    ),
    "mints_use_up_rewards": lambda: update(
        1,
        exercised(
            "Unheard_Of",
            {},
            {},
            exercised(
                "AmuletRules_Mint", {"receiver": BOB, "amount": "1.0"}, {}, amulet(BOB, "1.0")
            ),
        ),
    ),
    "coins_are_the_networks": lambda: update(1, amulet(BOB, "1.0", dso=CAROL)),
    "payments_have_two_sides": lambda: update(1, holdings_change(ALICE, leg("Sender", BOB, "1.0"))),
    "templates_are_known": lambda: update(1, created("Unheard.Of:Template", {})),
    "amounts_are_plausible": lambda: update(1, tap(ALICE, "2000000000000.0")),
    "prices_are_plausible": lambda: update(1, opened("2025-12-10T16:33:00Z", price="0.0000000001")),
}


@pytest.mark.parametrize(
    "rule", [rule for rule in BATCH_RULES if rule.name in BATCHES], ids=lambda rule: rule.name
)
def test_a_silver_batch_that_breaks_a_rule_is_told_of_and_goes_on(pipeline, scan, rule):
    assert rule.severity == "warn", "a new shape of a choice must not stop the warehouse"
    scan.add(BATCHES[rule.name]())
    line = pipeline(scan)
    line.load()
    built = line.build(silver.LAYER)
    assert rule.name in [one.rule for one in built.warnings]
    (kept,) = [row for row in broken(line) if row[1] == rule.name]
    assert (kept[0], kept[2], len(kept[4])) == (1, 1, 1)


def test_an_update_beyond_its_page_is_told_of_and_goes_on(pipeline, scan):
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    line.execute(
        "update bronze.canton_transactions_raw set cdc_to_ts = '2025-12-10 16:00:00'"
        " where network = %(network)s"
    )
    (warned,) = line.build(silver.LAYER).warnings
    assert str(warned).splitlines()[1] == (
        f"- update {update(1)['update_id']} of 2025-12-10 16:23:00.000001 is in the page"
        " after 1970-01-01 00:00:00.000000, up to 2025-12-10 16:00:00.000000"
    )


def test_a_batch_with_a_gap_between_its_pages_is_stopped_and_recorded(pipeline, scan):
    scan.add(*(update(number) for number in range(1, 4)))
    line = pipeline(scan, CANTON_PAGE_SIZE="1")
    watermark = line.watermark()
    first, _, third = line.land(watermark)
    with pytest.raises(QualityFailed, match=r"pages_follow_one_another \(error\): 1 of 2"):
        bronze.commit_batch(
            line.services.warehouse, watermark, line.check([first, third]), line.run_id
        )
    assert line.batches() == []
    gap = (
        f"page {third.key} begins after 2025-12-10 16:23:00.000002,"
        " the one before ends at 2025-12-10 16:23:00.000001"
    )
    assert broken(line) == [(1, "pages_follow_one_another", 1, 2, [gap])]


def test_a_batch_that_begins_where_the_one_before_did_not_end_is_stopped(pipeline, scan):
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    line.execute(
        """update ops.batches set upto_record_time = dateadd('second', -1, upto_record_time)
           where network = %(network)s"""
    )
    scan.add(update(2))
    with pytest.raises(QualityFailed, match=r"pages_follow_one_another \(error\): 1 of 1"):
        line.load()
    assert [row["batch_id"] for row in line.batches()] == [1]


def test_an_update_that_comes_twice_is_told_of(pipeline, scan):
    again = update(2, update_id=update(1)["update_id"])
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    scan.add(again)
    watermark = line.watermark()
    checked = line.check(line.land(watermark))
    line.execute(
        """update bronze.canton_transactions_raw set cdc_to_ts = '2025-12-10 16:30:00'
           where network = %(network)s"""
    )
    loaded = bronze.commit_batch(line.services.warehouse, watermark, checked, line.run_id)
    assert [str(one) for one in loaded.warnings] == [
        (
            "updates_are_unique (warn): 1 of 1 — an update is loaded once; of an update that stands"
            f" in two batches, silver takes the later\n- update {again['update_id']} stands there"
            " 2 times"
        )
    ]


def test_a_released_page_without_lines_is_no_gap(pipeline, scan):
    scan.add(update(1), update(2, offset=0.5), update(3))
    line = pipeline(scan, CANTON_PAGE_SIZE="1")
    landed = line.land(line.watermark())
    assert command_line.main(["release", landed[1].key]) == 0
    assert line.load().row_count == 2
    assert broken(line) == []


UNREADABLE = {
    "an amount that is no decimal": lambda: tap(ALICE, "NaN"),
    "an amount of 39 digits": lambda: tap(ALICE, "1E+28"),
    "an amount of eleven places": lambda: tap(ALICE, "0.00000000001"),
    "an amount below zero": lambda: tap(ALICE, "-5.0"),
    "an account that is a list": lambda: tap([ALICE], "5.0"),
    "an account without a name": lambda: tap("", "5.0"),
    "a summary that does not close": lambda: transfer(ALICE, [(BOB, "1.0")], summary("5.0")),
    "a choice that nobody knows": lambda: exercised(
        "AmuletRules_Confiscate", {}, {}, amulet(BOB, "1.0")
    ),
}


@pytest.mark.parametrize("event", UNREADABLE.values(), ids=UNREADABLE)
def test_what_the_rules_cannot_book_is_named_kept_in_a_table_and_stops_nothing(
    pipeline, scan, event
):
    odd = update(2, event())
    scan.add(update(1), odd, update(3))
    line = pipeline(scan)
    line.load()
    built = line.build(silver.LAYER)
    (kept,) = line.table("silver.canton_problems")
    assert (kept["update_id"], kept["event_id"]) == (odd["update_id"], odd["root_event_ids"][0])
    (told,) = [str(one) for one in built.warnings if one.rule == "movements_are_readable"]
    assert "movements_are_readable (warn): 1 of 3" in told
    assert f"update {kept['update_id']}, event {kept['event_id']}: {kept['problem']}" in told
    assert line.build(gold.LAYER).warnings == ()
    assert {
        (row["account"], row["minted_cc"]) for row in line.table("gold.account_activity_minute")
    } >= {(ALICE, 10)}


def test_a_rebuild_lists_only_the_problems_that_are_left(pipeline, scan):
    scan.add(update(1, tap(ALICE, "many")), update(2, tap(ALICE, "more")))
    line = pipeline(scan)
    line.load()
    line.build(silver.LAYER)
    assert len(line.table("silver.canton_problems")) == 2
    line.execute(
        f"""update bronze.canton_transactions_raw set raw_payload = {repaired(scan)}
            where source_event_id = '{update(1)["update_id"]}'"""
    )
    line.build(silver.LAYER, rebuild_from=1)
    (left,) = line.table("silver.canton_problems")
    assert left["update_id"] == update(2)["update_id"]


def test_the_second_opinion_tells_how_much_it_could_judge(pipeline, scan):
    lock = unlocked(ALICE, "7", "freed")
    scan.add(
        update(1), update(2, lock), update(3, ended("older", BOB)), update(4, created("X:Y", {}))
    )
    line = pipeline(scan)
    line.load()
    agree = "rows_agree_with_contracts: judged"
    assert line.build(silver.LAYER).reports == (
        f"{agree} 1 of 3 updates with coin; the others have unknown coins",
    )
    assert [
        (row["update_id"], row["account"], row["contracts_cc"], row["unknown_count"])
        for row in sorted(line.table("silver.coin_checks"), key=lambda row: row["record_time"])
        if row["update_id"] != update(2)["update_id"]
    ] == [
        (update(1)["update_id"], ALICE, 5, 0),
        (update(3)["update_id"], None, 0, 1),
    ]
    scan.add(update(5, ended("freed", ALICE), amulet(ALICE, "7.0")))
    line.load()
    assert line.build(silver.LAYER).reports == (f"{agree} 1 of 1 updates with coin",)
    scan.add(update(6, created("X:Y", {})))
    line.load()
    assert line.build(silver.LAYER).reports == ()


@pytest.mark.parametrize("amount", ["1E30", "1E+28", "1.5E-10", "much", 5, None])
def test_a_coin_whose_amount_cannot_be_held_is_unknown_and_stops_nothing(pipeline, scan, amount):
    scan.add(update(1, amulet(ALICE, amount, name="odd")), update(2, ended("odd", ALICE)))
    line = pipeline(scan)
    line.load()
    assert line.build(silver.LAYER).reports == (
        "rows_agree_with_contracts: judged 0 of 2 updates with coin; the others have unknown coins",
    )
    assert [row["amount_cc"] for row in line.table("silver.coins")] == [None]


def test_a_round_whose_number_cannot_be_held_issues_nothing_and_stops_nothing(pipeline, scan):
    for place, number in enumerate([None, "soon", "1" * 19, "7"], 1):
        issued = {"dso": DSO, "round": {"number": number}, "issuancePerSvRewardCoupon": "0.5"}
        scan.add(update(place, created("Splice.Round:IssuingMiningRound", issued)))
    line = pipeline(scan)
    line.load()
    assert line.build(silver.LAYER).batch.update_count == 4
    assert {row["round_number"] for row in line.table("silver.reward_rates")} == {7}


def test_whenever_a_round_says_that_it_opens_silver_and_gold_are_built(pipeline, scan):
    times = [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-14:00", "2025-12-10T16:33:60Z", "soon", 5, None,
    ]  # fmt: skip
    scan.add(*(update(number, opened(time)) for number, time in enumerate(times, 1)))
    line = pipeline(scan)
    line.load()
    line.build(silver.LAYER)
    line.build(gold.LAYER)
    assert len(line.table("silver.canton_problems")) == len(times) - 2
    assert [row["update_count"] for row in line.table("gold.network_activity_minute")] == [8]


def opened(opens_at, price="0.2"):
    terms = {"dso": DSO, "amuletPrice": price, "opensAt": opens_at}
    return created("Splice.Round:OpenMiningRound", terms)


OF_THE_BATCH = "where network = %(network)s and batch_id = %(batch_id)s"
DEFECTS = {
    "silver_keys_are_unique": f"""insert into silver.canton_transactions
        select * from silver.canton_transactions {OF_THE_BATCH}""",
    "gold_equals_silver": f"""update gold.account_activity_minute
        set net_cc = net_cc + 0.0000000001 {OF_THE_BATCH}""",
    "network_equals_its_parts": f"""update gold.network_activity_minute
        set update_count = update_count + 1 {OF_THE_BATCH}""",
    "gold_keys_are_unique": f"""insert into gold.network_activity_minute
        select * from gold.network_activity_minute {OF_THE_BATCH}""",
}


@pytest.mark.parametrize(
    "rule", [rule for rule in BATCH_RULES if rule.name in DEFECTS], ids=lambda rule: rule.name
)
def test_a_batch_that_is_built_wrong_is_stopped_and_recorded(pipeline, scan, rule):
    layer = {"silver": silver.LAYER, "gold": gold.LAYER}[rule.layer]
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    if layer is gold.LAYER:
        line.build(silver.LAYER)
    wrong = built_wrong(layer, rule.name)
    window = line.window(wrong)
    before = line.state()
    with pytest.raises(QualityFailed, match=rf"{rule.name} \(error\): 1 of "):
        commit_window(line.services.warehouse, wrong, window, line.run_id)
    assert line.state() == before
    (kept,) = [row for row in broken(line) if row[1] == rule.name]
    assert (kept[0], kept[2], len(kept[4])) == (1, 1, 1)


def built_wrong(layer, rule):
    """The layer, whose rows are changed before rules see them, so that they break this one."""

    def build(session, window, batch_id):
        content = layer.build(session, window, batch_id)
        session.execute(DEFECTS[rule], {"network": window.network, "batch_id": batch_id})
        return content

    return replace(layer, build=build)


def test_a_batch_that_passes_later_replaces_what_its_own_run_found_and_not_another_runs(
    pipeline, scan
):
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    wrong = built_wrong(silver.LAYER, "silver_keys_are_unique")
    window = line.window(wrong)
    for run_id in ("run-0", "run-0", line.run_id):
        with pytest.raises(QualityFailed):
            commit_window(line.services.warehouse, wrong, window, run_id)
    line.build(silver.LAYER)
    kept = line.rows(
        """select run_id, count(*) as rules,
                  count(iff(is_broken and rule = 'silver_keys_are_unique', 1, null)) as broken
           from ops.quality_results where network = %(network)s and layer = 'silver'
           group by run_id order by run_id"""
    )
    assert [tuple(row.values()) for row in kept] == [
        ("run-0", len(rules_of("silver")), 1), (line.run_id, len(rules_of("silver")), 0),
    ]  # fmt: skip


def test_a_rate_far_from_the_ledgers_price_is_told_of(pipeline, scan):
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    line.build(silver.LAYER)
    line.execute(
        "update silver.canton_updates set amulet_price_usd = 15 where network = %(network)s"
    )
    (warned,) = line.build(gold.LAYER).warnings
    assert str(warned).splitlines()[1] == (
        "- minute 2025-12-10 16:23: configured 0.15000000 USD, on the ledger 15.0000000000"
    )


def test_an_hour_unlike_the_same_hour_of_earlier_days_is_told_of_with_these_days(pipeline, scan):
    def earlier(day, hour, update_count):
        return f"(%(network)s, '2025-12-{day:02} {hour}:30:00', {update_count})"

    history = [
        *(earlier(day, 16, 300 + day) for day in (8, 9)),  # the first hour is not known in full
        *(earlier(day, 17, 1) for day in (8, 9)),
        earlier(8, 15, 1),
        earlier(3, 17, 200),
        earlier(3, 16, 900),
    ]
    scan.add(update(1), update(2, record_time="2025-12-10T18:00:31.000000Z"))
    line = pipeline(scan)
    line.execute(
        f"""insert into gold.network_activity_minute (network, minute_at, update_count,
                transaction_count, aborted_count, account_count, transferred_cc, minted_cc,
                burned_cc, usd_rate, usd_value, batch_id)
            select column1, column2, column3, 0, 0, 0, 0, 0, 0, 0.15, 0, 0
            from values {", ".join(history)}"""
    )
    line.load()
    line.build(silver.LAYER)
    (warned,) = line.build(gold.LAYER).warnings
    assert str(warned).splitlines() == [
        (
            "volume_is_usual (warn): 1 of 1 — an hour has a third to three times the updates of the"
            " same hour of earlier days"
        ),
        "- hour 2025-12-10 16:00 UTC: 1 updates; the same hour of 2025-12-09: 309, 2025-12-08: 308",
    ]


def test_each_layer_that_is_older_than_it_should_be_is_told_of_batch_or_not(
    pipeline, scan, database
):
    scan.add(update(1))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.run()
    warehouse = line.services.warehouse
    for _ in range(2):
        found = check_freshness(warehouse, 90, "run-2")
        assert [one.rule for one in found] == [rule.name for rule in FRESHNESS_RULES]
        assert all(f"\n- network {line.network}: the newest " in str(one) for one in found)
    assert sorted(rule for _, rule, *_ in broken(line)) == [
        "bronze_is_fresh", "gold_is_fresh", "silver_is_fresh",
    ]  # fmt: skip
    assert check_freshness(warehouse, 100_000_000, "run-3") == ()


def test_every_rule_is_tripped_here():
    assert LINES.keys() | LARGE == {rule.name for rule in LINE_RULES}
    elsewhere = {
        "pages_follow_one_another", "updates_are_unique", "updates_lie_in_their_pages",
        "rate_is_near_the_price", "volume_is_usual", "every_line_is_loaded",
    }  # fmt: skip
    assert {*BATCHES, *DEFECTS, *elsewhere} == {rule.name for rule in BATCH_RULES}


# --- through the flows, and out again ----------------------------------------------------------

GOOD, BAD = [line(update(number)) for number in (1, 3)], line(update(2, offset=0.5))


@pytest.fixture
def stopped(pipeline, scan):
    """A network whose first page has one line of three that breaks a rule."""
    scan.lines = [GOOD[0], BAD, GOOD[1]]
    return pipeline(scan)


def test_a_page_that_breaks_a_rule_is_released_and_every_line_is_accounted_for(
    run_flow, stopped, bucket, slack, capsys
):
    key = landing_key(stopped.network, GENESIS)
    with pytest.raises(QualityFailed, match="no_fraction_is_a_json_number"):
        run_flow(bronze_transactions_flow)
    (told,) = slack()
    assert "no_fraction_is_a_json_number (error): 1 of 3" in told
    assert f"./pipeline release {key} " in told
    assert (stopped.watermark().position, stopped.batches()) == (GENESIS, [])
    assert bucket.keys(stopped.network) == [key]

    capsys.readouterr()
    assert command_line.main(["release", key]) == 0
    aside, of_the_run = sorted(
        stopped.table("ops.quarantine"), key=lambda row: row["revision_key"] is None
    )
    assert of_the_run["quarantine_key"] == aside["quarantine_key"], "the same line"
    assert capsys.readouterr().out.splitlines() == [
        f"1 of 3 lines set aside in {aside['quarantine_key']}",
        f"the next run loads {revision_key(key, 1)} in place of {key}",
    ]
    assert run_flow(bronze_transactions_flow).batch.row_count == 2

    bronze = stopped.table("bronze.canton_transactions_raw")
    assert [row["s3_object_key"] for row in bronze] == [revision_key(key, 1)] * 2
    assert [row["raw_payload"] for row in bronze] == [json.loads(good) for good in GOOD]
    assert unpack(bucket.read(aside["quarantine_key"]), "") == [BAD]
    assert bucket.read(key) == pack([GOOD[0], BAD, GOOD[1]])
    assert (aside["line_count"], aside["kept_count"]) == (3, 2)
    assert slack()[1].startswith(":white_check_mark: *canton-transactions-bronze* runs again\n")
    assert len(slack()) == 2


def repeated(number):
    """An update in which a key is repeated: JSON to Python, none to Snowflake."""
    return line(update(number))[:-1] + b',"offset":1,"offset":2}'


def test_lines_that_only_copy_refuses_are_named_kept_and_released_one_after_the_other(
    run_flow, pipeline, scan, bucket, slack
):
    scan.lines = [GOOD[0], repeated(2), GOOD[1], repeated(4)]
    stopped = pipeline(scan)
    key = landing_key(stopped.network, GENESIS)
    for revision, (loaded, number) in enumerate(((key, 2), (revision_key(key, 1), 3)), 1):
        with pytest.raises(LineRefused, match=rf"./pipeline release {key} ") as refused:
            run_flow(bronze_transactions_flow)
        assert f"{loaded}, line {number}: " in str(refused.value)
        assert 'duplicate object attribute "offset"' in str(refused.value)
        assert f"{key}, line 2: " in slack()[0], "the second is the same alert's"
        assert (stopped.watermark().position, stopped.batches()) == (GENESIS, [])
        assert command_line.main(["release", key]) == 0
        assert bucket.keys(stopped.network)[-1] == revision_key(key, revision)

    assert run_flow(bronze_transactions_flow).batch.row_count == 2
    bronze = stopped.table("bronze.canton_transactions_raw")
    assert [row["raw_payload"] for row in bronze] == [json.loads(good) for good in GOOD]
    asides = stopped.table("ops.quarantine")
    kept = [aside["kept_count"] for aside in asides if aside["revision_key"]]
    assert sorted(kept) == [2, 3]
    assert ["runs again" in one for one in slack()] == [False, True]
    refused = [aside for aside in asides if not aside["revision_key"]]
    assert {unpack(bucket.read(aside["quarantine_key"]), "")[0] for aside in refused} == {
        repeated(2), repeated(4),
    }  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([GOOD[0]], id="a line fewer"),
        pytest.param([GOOD[1], GOOD[0]], id="another order"),
        pytest.param([GOOD[0], line(update(4))], id="another line"),
    ],
)
def test_a_revision_that_was_tampered_with_is_refused(stopped, bucket, lines):
    key = landing_key(stopped.network, GENESIS)
    landed = stopped.land(stopped.watermark())
    assert command_line.main(["release", key]) == 0
    bucket.overwrite(revision_key(key, 1), pack(lines))
    with pytest.raises(LandingCorrupt, match="which are not the 3 of"):
        stopped.check(landed)


def test_silver_tells_what_it_could_not_book_and_gold_which_rule_stopped_it(
    run_flow, pipeline, scan, slack, database
):
    scan.add(update(1, tap(ALICE, "many")))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    run_flow(silver_transactions_flow)
    assert line.table("silver.canton_transactions") == []
    line.execute(f"update bronze.canton_transactions_raw set raw_payload = {repaired(scan)}")
    (silver_run,) = run_flow(silver_transactions_flow, rebuild_from=1)

    line.execute("update silver.canton_transactions set movement_kind = 'barter'")
    with pytest.raises(QualityFailed, match="gold_equals_silver"):
        run_flow(gold_transactions_flow, max_age_minutes=0)
    assert line.table("gold.account_activity_minute") == []
    line.execute("update silver.canton_transactions set movement_kind = 'devnet_tap'")
    (gold_run,) = run_flow(gold_transactions_flow, max_age_minutes=0)

    assert [(one.batch.batch_id, one.batch.row_count) for one in (silver_run, gold_run)] == [
        (2, 1), (1, 1),
    ]  # fmt: skip
    warned, stopped, recovered = slack()
    odd = update(1)
    assert "movements_are_readable (warn): 1 of 1" in warned
    assert f"- update {odd['update_id']}, event {odd['root_event_ids'][0]}: AmuletRules" in warned
    assert stopped.splitlines()[:2] == [
        ":x: *canton-transactions-gold* failed at a quality rule",
        (f"gold batch 1 of {line.network}: gold_equals_silver (error): 1 of 1 — each account's"
         " minute in gold is the sum of its movements in silver, to the last digit"),
    ]  # fmt: skip
    assert recovered.startswith(":white_check_mark: *canton-transactions-gold* runs again\n")


def repaired(scan):
    text = scan.lines[0].decode().replace('"many"', '"5.0"')
    return f"parse_json($${text}$$)"
