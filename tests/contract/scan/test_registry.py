"""The participants, against the updates: the DSO, validators, traffic and names."""

from collections import Counter

import pytest

from tests.contract.scan.scan_api import NO_ROUNDS

RENEWED = {"ValidatorLicense": "validator", "SvNodeState": "sv", "SvStatusReport": "sv"}


def of_template(told, template):
    """The events of a template's contracts, in order: creates, and ids of archived ones."""
    for update in told:
        nodes = sorted(update["events_by_id"].values(), key=number_of)
        for event in nodes:
            if event["template_id"].endswith(f":{template}"):
                yield event


def number_of(event):
    return int(event["event_id"].rpartition(":")[2])


def changes(told, template):
    """The contracts that updates create, by id, and the ids that they archive."""
    created, archived = {}, set()
    for event in of_template(told, template):
        if "create_arguments" in event:
            created[event["contract_id"]] = event
        elif event["consuming"]:
            archived.add(event["contract_id"])
    return created, archived


@pytest.fixture(scope="module")
def told(updates):
    """The updates that have events."""
    return [one for one in updates if "event" not in one]


@pytest.fixture(scope="module")
def earlier(ledger, over):
    """The same network as it was 1,000 updates ago."""
    return over(ledger.behind(ledger.head().record_time - ledger.position(1_999).record_time))


def test_whoever_renews_a_contract_replaces_the_version_before(told):
    for template, owner in RENEWED.items():
        newest, replaced, before = {}, 0, None
        for event in of_template(told, template):
            if "create_arguments" not in event:
                before = event["contract_id"]
                continue
            one = event["create_arguments"][owner]
            if one in newest:
                assert before == newest[one]
                replaced += 1
            newest[one] = event["contract_id"]
        assert replaced > 200


def licenses_of(api, limit=70):
    found, after = [], {}
    while True:
        page = api.request("GET", "/v0/admin/validator/licenses", params={"limit": limit} | after)
        found += page.json()["validator_licenses"]
        if "next_page_token" not in page.json():
            return found
        assert len(page.json()["validator_licenses"]) == limit
        after = {"after": page.json()["next_page_token"]}


def test_licenses_are_those_that_updates_left_behind(generated, earlier, told):
    before, now = licenses_of(earlier), licenses_of(generated)
    created, archived = changes(told[-1_100:], "ValidatorLicense")
    ids = {one["contract_id"] for one in before}
    newer = {one["contract_id"] for one in now}
    assert ids - archived <= newer
    assert archived & newer == set()
    assert newer - ids <= set(created)
    assert len(now) == len(newer) == len({one["payload"]["validator"] for one in now}) == 200
    for one in now:
        if one["contract_id"] in created:
            assert one["payload"] == created[one["contract_id"]]["create_arguments"]
            assert one["template_id"] == created[one["contract_id"]]["template_id"]
    assert [one["contract_id"] for one in now[:50]] == [*created][:-51:-1]
    assert licenses_of(generated, 1_000) == now


def test_rewards_for_being_up_are_those_of_the_license(generated):
    (first, second, *_) = licenses_of(generated)
    ids = [second["payload"]["validator"], "nobody::1220", first["payload"]["validator"]]
    answer = generated.request(
        "GET", "/v0/validators/validator-faucets", params={"validator_ids": ids}
    )
    states = {one["payload"]["validator"]: one["payload"]["faucetState"] for one in (first, second)}
    received = answer.json()["validatorsReceivedFaucets"]
    assert {one["validator"] for one in received} == set(states)
    for one in received:
        rounds = one["lastCollectedInRound"] - one["firstCollectedInRound"] + 1
        assert one["numRoundsCollected"] + one["numRoundsMissed"] == rounds
        state = states[one["validator"]]
        assert str(one["firstCollectedInRound"]) == state["firstReceivedFor"]["number"]
        assert str(one["lastCollectedInRound"]) == state["lastReceivedFor"]["number"]
        assert str(one["numRoundsMissed"]) == state["numCouponsMissed"]
    missing = generated.request("GET", "/v0/validators/validator-faucets")
    assert missing.status_code == 404


def test_the_dso_is_as_updates_name_it(generated, earlier, told):
    before, dso = (api.request("GET", "/v0/dso").json() for api in (earlier, generated))
    rounds = generated.request(
        "POST",
        "/v0/open-and-issuing-mining-rounds",
        json=NO_ROUNDS,
    ).json()["open_mining_rounds"]
    latest = max(
        rounds.values(), key=lambda one: int(one["contract"]["payload"]["round"]["number"])
    )
    assert dso["latest_mining_round"] == latest
    for name, template in (("amulet_rules", "AmuletRules"), ("dso_rules", "DsoRules")):
        named = Counter(one["contract_id"] for one in of_template(told, template))
        ((contract_id, _),) = named.most_common(1)  # what is foreign has other rules each time
        assert dso[name]["contract"]["contract_id"] == contract_id
    created, archived = changes(told[-1_100:], "SvNodeState")
    states, older = (
        {
            one["contract"]["contract_id"]: one["contract"]["payload"]
            for one in each["sv_node_states"]
        }
        for each in (dso, before)
    )
    assert set(states) == (set(older) | set(created)) - archived
    assert len(set(states) - set(older)) == len(states) == 13
    assert states == {one: created[one]["create_arguments"] for one in states}
    assert (len(dso["dso_rules"]["contract"]["payload"]["svs"]), dso["voting_threshold"]) == (13, 9)


def test_a_node_has_the_traffic_that_updates_buy_for_it(generated, ledger, told):
    bought = Counter()
    for update in told:
        if update["migration_id"] == 4:
            for event in changes([update], "MemberTraffic")[0].values():
                arguments = event["create_arguments"]
                bought[arguments["memberId"]] += int(arguments["totalPurchased"])
    assert len(bought) > 10
    members = [f"PAR::{one}" for one in ledger.network.accounts.accounts[:60]]
    for member in {*members, *bought}:
        status = traffic_of(generated, ledger, member).json()["traffic_status"]
        assert status["target"] == {"total_purchased": bought[member]}
        assert status["actual"]["total_limit"] == bought[member]
        assert 0 <= status["actual"]["total_consumed"] <= bought[member]


def traffic_of(api, ledger, member, domain=None):
    domain = domain or ledger.network.synchronizer_id
    return api.request("GET", f"/v0/domains/{domain}/members/{member}/traffic-status")


def test_a_node_that_is_not_there_has_no_traffic(generated, ledger):
    sv = ledger.network.accounts.super_validators[0]
    elsewhere = traffic_of(generated, ledger, f"PAR::{sv}", domain="other::1220")
    stranger = traffic_of(generated, ledger, "PAR::nobody::1220")
    assert (elsewhere.status_code, stranger.status_code) == (404, 404)
    assert stranger.json() == {"error": "No traffic state found for member: PAR::nobody::1220"}
    malformed = traffic_of(generated, ledger, "nobody")
    assert (malformed.status_code, malformed.json()) == (
        400,
        {"error": "Could not decode member ID: nobody"},
    )


def names_of(api, **query):
    answer = api.request("GET", "/v0/ans-entries", params={"page_size": 1_000} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


def test_names_are_those_that_updates_left_behind(generated, earlier, told):
    before, now = (
        {one["contract_id"]: one for one in names_of(api) if "contract_id" in one}
        for api in (earlier, generated)
    )
    created, archived = changes(told[2_000 - len(told) :], "AnsEntry")
    assert set(now) == (set(before) | set(created)) - archived
    assert archived
    assert archived <= set(before)
    for contract_id in set(now) & set(created):
        arguments = created[contract_id]["create_arguments"]
        one = now[contract_id]
        assert (one["user"], one["name"]) == (arguments["user"], arguments["name"])
        assert one["expires_at"] == arguments["expiresAt"]
    assert set(created) <= set(now)


def test_a_name_is_found_by_its_beginning_its_owner_and_itself(generated, ledger):
    network = ledger.network
    everything = names_of(generated)
    assert [one["user"] for one in everything[-14:]] == [
        network.dso,
        *network.accounts.super_validators,
    ]
    wanted = everything[0]
    same = [one for one in everything if one["user"] == wanted["user"]]
    by_party = generated.request("GET", f"/v0/ans-entries/by-party/{wanted['user']}").json()
    assert by_party["entry"] == min(same, key=lambda one: one["name"])
    by_name = generated.request("GET", f"/v0/ans-entries/by-name/{wanted['name']}").json()
    assert by_name["entry"] == wanted
    assert names_of(generated, name_prefix=wanted["name"][:9])[0] == wanted
    assert names_of(generated, name_prefix="mock-sv-1.") == [everything[-13]]
    assert names_of(generated, page_size=2) == everything[:2]
    for path in ("by-party/nobody::1220", "by-name/nobody"):
        assert generated.request("GET", f"/v0/ans-entries/{path}").status_code == 404


def test_a_snapshot_on_demand_is_refused_as_in_production(generated):
    answer = generated.request("POST", "/v0/state/acs/force")
    expected = {"error": "Forced ACS snapshots are disabled."}
    assert (answer.status_code, answer.json()) == (400, expected)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v0/admin/validator/licenses?limit=0", 400),
        ("/v0/admin/validator/licenses?limit=1001", 400),
        ("/v0/admin/validator/licenses?after=x", 400),
        ("/v0/ans-entries?page_size=0", 400),
        ("/v0/ans-entries?page_size=3000000000", 400),
        ("/v0/ans-entries", 404),
    ],
)
def test_a_page_that_cannot_be_is_refused(generated, path, status):
    assert generated.request("GET", path).status_code == status


@pytest.mark.parametrize("path", ["/v0/dso", "/v0/admin/validator/licenses"])
def test_a_recording_knows_nobody(recorded, path):
    assert recorded.request("GET", path).status_code == 501
