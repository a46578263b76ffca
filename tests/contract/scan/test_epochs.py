"""The state after several epochs, against the updates served; from a file and without it."""

import json
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest

from mocks.canton_scan import active, holding_fees, holdings, templates
from mocks.canton_scan.acs import Selection, Snapshot, owner_of
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.eras import Era
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.left import COINS
from mocks.canton_scan.plan import Quiet, Split
from mocks.canton_scan.splits import EPOCH, Epochs, epochs_after
from mocks.canton_scan.state import StateFile
from services.movements import cc_movements
from tests.contract.scan.scan_api import StoppedClock

EPOCHS = Epochs(2_000, 2_000)
COUNTS = (0, 1_600, 4_700, 6_500)  # before coins are split off, and while that happens
GAP = 10 * SECOND
EVERYTHING = Selection()
KNOWN = Selection(active.TEMPLATES)  # with all that was there before


@pytest.fixture(scope="module", params=[Era.MIXED, Era.FEES])
def ledger(request, tmp_path_factory):
    return a_ledger(tmp_path_factory.mktemp("epochs") / "state.json", request.param)


def a_ledger(path, era=Era.MIXED, **options):
    known = {"history": COUNTS[-1], "gap": GAP, "clock": StoppedClock(), "epochs": EPOCHS}
    return open_ledger(path, "epochs", era=era, **(known | options))


@pytest.fixture(scope="module")
def served(ledger):
    """All updates as they are served; of what only looks like coin, nothing."""
    return [
        {} if ledger.plan(index) is Quiet.FOREIGN_COIN else json.loads(ledger.update(index))
        for index in range(COUNTS[-1])
    ]


def changes(update):
    """The creates of an update, by contract id, and the ids that it archives."""
    if assigned := update.get("event", {}).get("created_event"):
        return {assigned["contract_id"]: assigned}, []
    events = update.get("events_by_id", {}).values()
    created = {one["contract_id"]: one for one in events if "create_arguments" in one}
    return created, [one["contract_id"] for one in events if one.get("consuming")]


def snapshot(ledger, count):
    return Snapshot(ledger, ledger.position(max(0, count - 1)).migration_id, count)


def contracts(ledger, count, wanted=EVERYTHING):
    """The created events of all active contracts, by id."""
    found = list(active.every(snapshot(ledger, count), wanted))
    by_id = {one.event.contract_id: msgspec.to_builtins(one.event) for one in found}
    assert len(by_id) == len(found)
    return by_id


def test_what_is_active_is_what_was_plus_creates_minus_archives(ledger, served):
    known, of_splits, unknown, spent = contracts(ledger, 0), set(), set(), 0
    for before, count in pairwise(COUNTS):
        for index in range(before, count):
            created, archived = changes(served[index])
            known |= created
            of_splits |= created.keys() if isinstance(ledger.plan(index), Split) else set()
            spent += len(of_splits.intersection(archived))
            for one in archived:
                if not known.pop(one, None):
                    unknown |= {template_of(served[index], one)}
        assert contracts(ledger, count) == known
        paths = {one.path for one in active.TEMPLATES}
        of_paths = {cid: one for cid, one in known.items() if path_of(one) in paths}
        assert contracts(ledger, count, KNOWN) == of_paths
    assert spent > 1_500
    assert "Splice.Amulet:SvRewardCoupon" in unknown
    assert not unknown & paths


def path_of(event):
    return event["template_id"].partition(":")[2]


def template_of(update, contract_id):
    events = update["events_by_id"].values()
    (path,) = {path_of(one) for one in events if one["contract_id"] == contract_id}
    return path


def test_a_page_of_any_templates_ends_after_some_blocks(ledger):
    at, wanted = snapshot(ledger, COUNTS[-1]), Selection(frozenset({templates.OPEN_ROUND}))
    found, sizes, token = [], [], 0
    while token is not None:
        page, token = active.page(at, wanted, token, 2, most_written=3)
        sizes.append(len(page))
        found += page
    assert found == list(active.every(at, wanted))
    assert len(found) == 3
    assert sizes == [0, 0, 2, 1]


def test_holdings_are_what_was_and_what_moved_and_what_coins_are_worth(ledger, served):
    owners = ledger.network.accounts.all_holders
    before, now = (
        {one.party_id: one for one in holdings.summaries(ledger, count, owners)}
        for count in (0, COUNTS[-1])
    )
    moved = Counter()
    for update in served:
        for row in cc_movements(update) if "events_by_id" in update else ():
            sign = {"received": 1, "sent": -1}.get(row["direction"], 0)
            moved[row["account"]] += sign * Decimal(row["amount_cc"])
    assert sum(map(bool, moved.values())) > 200
    at, round_ = snapshot(ledger, COUNTS[-1]), ledger.network.rounds.newest(ledger.now())
    by_coins = {one["party_id"]: one for one in holding_fees.summaries(at, owners, round_)}
    for owner in owners:
        gained = Decimal(now[owner].total_coin_holdings) - Decimal(
            before[owner].total_coin_holdings
        )
        assert gained == moved[owner]
        told = {name: by_coins[owner][name] for name in now[owner].__struct_fields__}
        assert told == msgspec.structs.asdict(now[owner])


def test_an_owners_coins_are_those_among_all_page_by_page(ledger):
    at, wanted = snapshot(ledger, COUNTS[-1]), set(ledger.network.accounts.accounts[:3])
    found, token = [], 0
    while token is not None:
        page, token = active.page(at, Selection(COINS, owners=frozenset(wanted)), token, 70)
        found += page
    everything = active.every(at, Selection(COINS))
    assert found == [one for one in everything if owner_of(one) in wanted]
    assert len(found) > 70


def test_names_and_traffic_are_those_that_updates_left_behind(ledger, served, over):
    api, domain = over(ledger), ledger.network.synchronizer_id
    names = api.request("GET", "/v0/ans-entries", params={"page_size": 1_000}).json()["entries"]
    entries, archived, bought = {}, set(), Counter()
    for update in served:
        for event in update.get("events_by_id", {}).values():
            if event["template_id"].endswith(":Splice.Ans:AnsEntry"):
                if event["event_type"] == "created_event":
                    entries[event["contract_id"]] = event["create_arguments"]["name"]
                elif event["consuming"]:
                    archived.add(event["contract_id"])
            elif event["template_id"].endswith(":MemberTraffic") and update["migration_id"] == 4:
                purchase = event["create_arguments"]
                bought[purchase["memberId"]] += int(purchase["totalPurchased"])
    told = {one["contract_id"]: one["name"] for one in names if "contract_id" in one}
    assert told == {one: name for one, name in entries.items() if one not in archived}
    assert told
    for member, total in bought.most_common(3):
        path = f"/v0/domains/{domain}/members/{member}/traffic-status"
        status = api.request("GET", path).json()["traffic_status"]
        assert status["target"] == {"total_purchased": total}


def test_what_was_served_stays_when_the_rate_changes_between_splits(tmp_path):
    shown = 5_400
    before = a_ledger(tmp_path / "state.json", history=shown)
    served = before.page(None, shown)
    assert isinstance(before.plan(shown - 1), Split)
    after = a_ledger(tmp_path / "state.json", gap=7 * SECOND)
    assert after.timeline.stretches != before.timeline.stretches
    assert after.page(None, shown) == served


def test_the_file_spares_the_work_and_is_replaced_where_it_is_of_another_ledger(tmp_path):
    file, count = tmp_path / "state.json.left", 3_000
    ledger = a_ledger(tmp_path / "state.json", history=count)
    expected, lines = contracts(ledger, count), file.read_bytes()
    assert lines.count(b"\n") == 3

    def answered():
        return contracts(a_ledger(tmp_path / "state.json"), count)

    stamp = file.stat().st_mtime_ns
    assert (answered(), file.stat().st_mtime_ns) == (expected, stamp)
    other = b"0" * 16 + lines.splitlines(keepends=True)[0][16:]
    for spoiled in (b"", lines[:-100], lines.replace(lines.splitlines(keepends=True)[1], other)):
        file.write_bytes(spoiled)
        assert answered() == expected
        assert file.read_bytes() == lines


@pytest.mark.parametrize(
    ("shown", "first"),
    [(1, EPOCH), (EPOCH // 2, EPOCH), (EPOCH // 2 + 1, 2 * EPOCH), (3 * EPOCH // 2, 2 * EPOCH)],
)
def test_a_state_of_the_version_before_goes_on_as_it_was(tmp_path, shown, first):
    file = StateFile(tmp_path / "state.json")
    a_ledger(file.path, history=20)
    state = msgspec.json.decode(file.path.read_bytes())
    del state["epochs"]
    file.path.write_bytes(msgspec.json.encode({**state, "count": shown}))
    ledger = a_ledger(file.path, epochs=None)
    assert ledger.planner.epochs == epochs_after(shown) == Epochs(first)
    assert ledger.planner.splits.at(shown - 1) is None
    assert file.read(None).epochs == Epochs(first)


def test_a_ledger_that_outlives_what_is_at_rest_is_refused_loudly(tmp_path, over):
    epochs = Epochs(-1_600_000 + 1_000, 2_000)  # the last one ends at the 1,000th update
    ledger = a_ledger(tmp_path / "state.json", history=1_100, gap=60 * SECOND, epochs=epochs)
    body = {"migration_id": 4, "record_time": "2026-11-20T12:00:00Z", "page_size": 10}
    answers = [
        over(ledger).request("POST", path, json=body | wanted).json()
        for path, wanted in (
            ("/v2/state/acs", {"templates": ["splice-amulet:Splice.Amulet:Amulet"]}),
            ("/v2/holdings/state", {"owner_party_ids": ["nobody"]}),
            ("/v0/holdings/summary", {"owner_party_ids": ["nobody"]}),
        )
    ]
    refusal = {"error": "This mock knows what there was within 1000 updates at most."}
    assert answers == [refusal] * 3
