"""Active contracts and coins at a snapshot, against the updates and against holdings."""

from collections import Counter
from decimal import Decimal

import msgspec
import pytest

from mocks.canton_scan import active, wire
from mocks.canton_scan.acs import Selection, Snapshot, coin_of
from mocks.canton_scan.clock import parse_instant
from mocks.canton_scan.history import Position
from mocks.canton_scan.plan import Quiet
from tests.contract.scan.scan_api import EARLY, LATE, summary_of

AMULET, LOCKED = "splice-amulet:Splice.Amulet:Amulet", "splice-amulet:Splice.Amulet:LockedAmulet"
TEMPLATES = [
    AMULET,
    LOCKED,
    "splice-amulet:Splice.AmuletRules:AmuletRules",
    "splice-amulet:Splice.DecentralizedSynchronizer:MemberTraffic",
    "splice-amulet:Splice.ValidatorLicense:ValidatorLicense",
    "splice-dso-governance:Splice.DSO.SvState:SvNodeState",
    "splice-dso-governance:Splice.DsoRules:DsoRules",
]


@pytest.fixture(scope="module")
def api(day_long, over):
    return over(day_long)


def ask(api, at, path="/v2/state/acs", **fields):
    body = {"migration_id": at[0], "record_time": at[1], "page_size": 1_000, **fields}
    return api.request("POST", path, json=body)


def walk(api, at, path="/v2/state/acs", **fields):
    """All contracts, page by page."""
    found = []
    while True:
        page = ask(api, at, path, **fields)
        assert page.status_code == 200, page.text
        content = msgspec.json.decode(page.content)
        found += content["created_events"]
        if "next_page_token" not in content:
            return found
        assert len(content["created_events"]) == fields.get("page_size", 1_000)
        fields["after"] = content["next_page_token"]


@pytest.fixture(scope="module")
def contracts(day_long):
    """All contracts of the templates that the mock knows, by id, at two snapshots."""
    wanted = Selection(active.TEMPLATES)
    at = {one: Snapshot(day_long, one[0], index_after(day_long, one)) for one in (EARLY, LATE)}
    found = {one: list(active.every(at[one], wanted)) for one in at}
    by_id = {one: {each.event.contract_id: each for each in found[one]} for one in found}
    assert {one: len(by_id[one]) for one in found} == {one: len(found[one]) for one in found}
    return by_id


def index_after(day_long, at):
    return day_long.index_after(Position(at[0], parse_instant(at[1])))


@pytest.fixture(scope="module")
def changes(day_long):
    """The creates and archives of these templates by update: the update, events, ids."""
    found = []
    for index in range(day_long.count()):
        update = day_long.written(index)
        events = getattr(update, "events_by_id", {}).values()
        if day_long.plan(index) is Quiet.FOREIGN_COIN:
            events = ()  # of another DSO: its Scan knows about it
        known = [one for one in events if template_of(one) in TEMPLATES]
        created = [one for one in known if isinstance(one, wire.CreatedEvent)]
        archived = {
            one.contract_id
            for one in known
            if isinstance(one, wire.ExercisedEvent) and one.consuming
        }
        found.append((update, created, archived))
    return found


def template_of(event):
    return f"{event.package_name}:{event.template_id.partition(':')[2]}"


def test_what_is_active_is_what_was_plus_creates_minus_archives(day_long, contracts, changes):
    between = changes[index_after(day_long, EARLY) : index_after(day_long, LATE)]
    created = {one.contract_id for _, events, _ in between for one in events}
    archived = {one for _, _, ids in between for one in ids}
    before, now = set(contracts[EARLY]), set(contracts[LATE])
    assert now == (before | created) - archived
    assert archived <= before | created
    assert len(created & now) > 300
    assert len(archived & before) > 300


def test_a_contract_is_as_its_update_created_it(contracts, changes):
    migrations, seen = Counter(), set()
    for update, created, _ in changes:
        for event in created:
            seen.add(event.contract_id)
            if one := contracts[LATE].get(event.contract_id):
                assert one.event == event
                is_here = update.migration_id == LATE[0]
                assert one.update_id == (update.update_id if is_here else None)
                migrations[update.migration_id] += 1
    assert min(migrations[3], migrations[4]) > 50
    older = set(contracts[LATE]) - seen
    assert len(older) > 10_000
    assert not any(contracts[LATE][one].update_id for one in older)


def test_coins_add_up_to_holdings(day_long, api, contracts):
    owners = [*day_long.network.accounts.holders]
    for at in (EARLY, LATE):
        held = Counter()
        for one in contracts[at].values():
            if (template := template_of(one.event)) in (AMULET, LOCKED):
                amulet = coin_of(one)
                amount = Decimal(amulet["amount"]["initialAmount"])
                assert amount > 0
                held[template, amulet["owner"]] += amount
        for summary in summary_of(api, at, owners).json()["summaries"]:
            owner = summary["party_id"]
            assert Decimal(summary["total_unlocked_coin"]) == held[AMULET, owner]
            assert Decimal(summary["total_locked_coin"]) == held[LOCKED, owner]


def test_holdings_of_an_owner_are_its_coins_in_every_version(day_long, api, contracts):
    owners = day_long.network.accounts.accounts[:2]
    wanted = [
        {**msgspec.to_builtins(one.event), "created_in_update_id": one.update_id}
        for one in contracts[LATE].values()
        if template_of(one.event) in (AMULET, LOCKED) and set(owners) & set(one.event.signatories)
    ]
    assert len(wanted) > 500
    first, second, third = (
        walk(api, LATE, f"/v{version}/holdings/state", owner_party_ids=owners)
        for version in (0, 1, 2)
    )
    assert first == [without(one, "created_in_update_id") for one in wanted]
    assert second == third
    assert [{"created_in_update_id": None, **one} for one in third] == [
        without(one, "event_id", "event_type") for one in wanted
    ]


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


def test_a_page_starts_where_the_one_before_ended(api):
    wanted = {"templates": [TEMPLATES[4]]}
    everything = walk(api, LATE, **wanted)
    assert len(everything) == 200
    assert walk(api, LATE, page_size=70, **wanted) == everything
    assert walk(api, LATE, "/v1/state/acs", page_size=70, **wanted) == everything


def test_contracts_of_some_parties_are_those_that_concern_them(day_long, api, contracts):
    party = day_long.network.accounts.accounts[3]
    found = walk(api, LATE, templates=TEMPLATES, party_ids=[party, "nobody::1220"])
    events = [one.event for one in contracts[LATE].values()]
    concerned = [one for one in events if party in one.signatories + one.observers]
    assert [one["contract_id"] for one in found] == [one.contract_id for one in concerned]
    assert {template_of(one) for one in concerned} >= {AMULET, TEMPLATES[4]}


def test_without_templates_everything_is_listed(api, contracts):
    party = {"party_ids": ["Mock-SV-1::1220"]}
    assert walk(api, LATE, **party) == walk(api, LATE, templates=["a:B:C"]) == []
    found = walk(api, LATE)
    assert [*contracts[LATE]] != [one["contract_id"] for one in found]
    assert {*contracts[LATE]} < {one["contract_id"] for one in found}
    coupons = walk(api, LATE, templates=["splice-amulet:Splice.Amulet:SvRewardCoupon"])
    assert coupons == [one for one in found if template_of_told(one) == "SvRewardCoupon"]
    assert len(coupons) > 100
    assert walk(api, LATE, templates=[]) == found


def template_of_told(contract):
    return contract["template_id"].rpartition(":")[2]


def test_holding_fees_grow_with_each_round(api, day_long):
    owners = day_long.network.accounts.accounts[:1]
    body = {"migration_id": 4, "record_time": LATE[1], "owner_party_ids": owners}
    now = api.request("POST", "/v0/holdings/summary", json=body).json()
    later = {"as_of_round": now["computed_as_of_round"] + 100}
    (first,) = now["summaries"]
    (second,) = api.request("POST", "/v0/holdings/summary", json=body | later).json()["summaries"]
    (newer,) = summary_of(api, LATE, owners).json()["summaries"]
    assert {name: first[name] for name in newer} == newer
    fees = [
        {
            name: Decimal(one[f"accumulated_holding_fees_{name}"])
            for name in ("unlocked", "locked", "total")
        }
        for one in (first, second)
    ]
    assert 0 < fees[0]["total"] < fees[1]["total"]
    for one, fee in zip((first, second), fees, strict=True):
        assert fee["unlocked"] + fee["locked"] == fee["total"]
        available = Decimal(one["total_unlocked_coin"]) - fee["unlocked"]
        assert Decimal(one["total_available_coin"]) == available


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({"templates": ["Amulet"]}, 400, "Malformed template_id, expected"),
        ({"templates": [AMULET], "page_size": 0}, 400, "Limit must be at least 1."),
        ({"templates": [AMULET], "after": "x"}, 400, "Invalid after token"),
        (
            {"templates": [AMULET], "record_time": "2026-11-20T11:00:00Z"},
            404,
            "Failed to find ACS snapshot for migration id 4 at 2026-11-20T11:00:00Z",
        ),
    ],
)
def test_what_is_not_known_is_refused_clearly(api, fields, status, text):
    answer = ask(api, LATE, **fields)
    assert (answer.status_code, text in answer.json()["error"]) == (status, True)
