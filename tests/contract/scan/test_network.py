"""Checks of the network's parts against the updates, and of updates in the previous versions."""

import pytest

from mocks.canton_scan.clock import parse_instant
from mocks.canton_scan.plan import Bought
from tests.contract.scan.scan_api import position


@pytest.fixture(scope="module")
def told(updates):
    """The updates that have events."""
    return [one for one in updates if "event" not in one]


def test_a_migration_is_told_by_its_first_and_last_update(generated, updates):
    for migration_id, previous in ((3, None), (4, 3)):
        times = [at for migration, at in map(position, updates) if migration == migration_id]
        response = generated.request(
            "POST", "/v0/backfilling/migration-info", json={"migration_id": migration_id}
        )
        info = response.json()
        (found,) = info["record_time_range"]
        told = [parse_instant(found[name]) for name in ("min", "max")]
        assert told == [parse_instant(times[0]), parse_instant(times[-1])]
        assert info.get("previous_migration_id") == previous
        assert info["complete"] is info["import_updates_complete"] is True


@pytest.mark.parametrize("migration_id", [2, 5, -(2**63), 2**63 - 1])
def test_a_migration_without_updates_is_not_found(generated, migration_id):
    response = generated.request(
        "POST", "/v0/backfilling/migration-info", json={"migration_id": migration_id}
    )
    assert response.status_code == 404
    assert response.json() == {"error": f"No data for migration {migration_id}"}


def test_sequencers_are_those_that_super_validators_publish(generated, told):
    answer = generated.request("GET", "/v0/dso-sequencers").json()
    (domain,) = answer["domainSequencers"]
    assert domain["domainId"] == told[0]["synchronizer_id"]
    listed = {one["svName"]: (one["id"], one["url"]) for one in domain["sequencers"]}
    published = {}
    for one in told:
        for event in one["events_by_id"].values():
            if one["migration_id"] == 4 and event["template_id"].endswith(":SvNodeState"):
                for _, node in (
                    event.get("create_arguments", {}).get("state", {}).get("synchronizerNodes", [])
                ):
                    name = event["create_arguments"]["svName"]
                    published[name] = (node["sequencer"]["sequencerId"], node["sequencer"]["url"])
    assert len(published) > 10
    assert published.items() <= listed.items()


def test_a_party_is_hosted_where_its_traffic_is_bought_for(generated, told):
    domain = told[0]["synchronizer_id"]
    bought = 0
    for one in told:
        for event in one["events_by_id"].values():
            if event.get("choice") == Bought.TRAFFIC.value:
                argument = event["choice_argument"]
                path = f"/v0/domains/{domain}/parties/{argument['provider']}/participant-id"
                answer = generated.request("GET", path).json()
                assert answer == {"participant_id": argument["memberId"]}
                bought += 1
    assert bought > 10


def test_updates_before_an_instant_are_told_newest_first(generated, ledger, updates):
    def ask(**fields):
        wanted = {"migration_id": 4, "synchronizer_id": ledger.network.synchronizer_id} | fields
        answer = generated.request("POST", "/v0/backfilling/updates-before", json=wanted)
        return [one["update_id"] for one in answer.json()["transactions"]]

    live = [one for one in updates if position(one)[0] == 4]
    ids, at = [one["update_id"] for one in live], [one["record_time"] for one in live]
    assert ask(before=at[50], count=20) == ids[49:29:-1]
    assert ask(before=at[5], count=20) == ids[4::-1]
    assert ask(before=at[50], at_or_after=at[40], count=20) == ids[49:39:-1]
    assert ask(before="2100-01-01T00:00:00Z", count=3) == ids[:-4:-1]
    assert ask(before=at[0], count=3) == ask(before=at[9], count=3, migration_id=5) == []
    assert ask(before=at[9], count=3, synchronizer_id="other::1220") == []


def created(told, template):
    """The contracts of a template that updates create: arguments by id."""
    return {
        event["contract_id"]: event["create_arguments"]
        for one in told
        for event in one["events_by_id"].values()
        if event["template_id"].endswith(f":{template}") and "create_arguments" in event
    }


def test_the_closed_round_is_the_last_one_that_an_update_closes(generated, told):
    (closed,) = generated.request("GET", "/v0/closed-rounds").json()["rounds"]
    *_, newest = created(told, "ClosedMiningRound").items()
    assert closed["contract_id"] == newest[0]
    assert closed["payload"]["round"] == newest[1]["round"]


def test_featured_apps_are_all_that_mark_activity(generated, told):
    listed = {
        one["contract_id"]: one
        for one in generated.request("GET", "/v0/featured-apps").json()["featured_apps"]
    }
    marked = {
        event["contract_id"]: event["acting_parties"]
        for one in told
        for event in one["events_by_id"].values()
        if event.get("choice") == "FeaturedAppRight_CreateActivityMarker"
    }
    assert len(marked) > 10
    for contract_id, parties in marked.items():
        (provider,) = parties
        assert listed[contract_id]["payload"]["provider"] == provider
        one = generated.request("GET", f"/v0/featured-apps/{provider}").json()
        assert one == {"featured_app_right": listed[contract_id]}
    assert generated.request("GET", "/v0/featured-apps/nobody::1220").json() == {}


def test_no_vote_has_ended_and_no_migration_is_scheduled(generated):
    answer = generated.request("POST", "/v0/admin/sv/voteresults", json={"limit": 10})
    assert answer.json() == {"dso_rules_vote_results": []}
    scheduled = generated.request("GET", "/v0/migrations/schedule")
    assert (scheduled.status_code, scheduled.content) == (404, b"")


@pytest.mark.parametrize(("domain", "party"), [(None, "nobody::1220"), ("other::1220", None)])
def test_a_stranger_and_another_synchronizer_are_not_found(generated, ledger, domain, party):
    domain = domain or ledger.network.synchronizer_id
    party = party or ledger.network.dso
    response = generated.request("GET", f"/v0/domains/{domain}/parties/{party}/participant-id")
    assert response.status_code == 404
    assert response.json() == {"error": f"No participant id found hosting party: {party}"}


@pytest.mark.parametrize(
    ("after", "migration_id", "expected"),
    [
        pytest.param("2026-11-20T01:00:00Z", 4, "2026-11-20T03:00:00Z", id="between"),
        pytest.param("2026-11-20T03:00:00Z", 4, "2026-11-20T06:00:00Z", id="at a snapshot"),
        pytest.param("2026-11-19T00:00:00Z", 3, "2026-11-19T18:00:00Z", id="before the first"),
        pytest.param("2026-11-19T21:00:00Z", 3, "2026-11-20T00:00:00Z", id="the next migration"),
        pytest.param("2026-11-20T12:00:00Z", 4, None, id="after the last"),
        pytest.param("2026-11-19T00:00:00Z", 5, None, id="a migration to come"),
    ],
)
def test_the_first_snapshot_after_an_instant_is_told(long, over, after, migration_id, expected):
    query = {"after": after, "migration_id": migration_id}
    response = over(long).request("GET", "/v0/state/acs/snapshot-timestamp-after", params=query)
    assert response.json().get("record_time") == expected
    assert response.status_code == (200 if expected else 404)


@pytest.mark.parametrize("path", ["/v1/updates", "/v0/updates"])
def test_the_versions_before_tell_the_same_updates_with_an_offset(generated, path):
    newer = generated.page(300)
    older = generated.page(300, of=path)
    for one, other in zip(newer, older, strict=True):
        if "event" not in one:
            assert other.pop("offset") == "1"
            one.pop("external_transaction_hash", None)
        assert other == one
        found = generated.request("GET", f"{path}/{one['update_id']}")
        assert found.status_code == 200


def test_lossless_updates_are_declined(generated):
    wanted = {"page_size": 1, "lossless": True}
    assert generated.request("POST", "/v0/updates", json=wanted).status_code == 501
    found = generated.request("GET", "/v0/updates/1220", params={"lossless": "true"})
    assert found.status_code == 501


def test_recorded_updates_are_told_by_the_version_before_too(recorded):
    newer, older = recorded.page(5), recorded.page(5, of="/v1/updates")
    assert [one["offset"] for one in older] == ["1"] * 5
    assert [one["events_by_id"] for one in older] == [one["events_by_id"] for one in newer]
