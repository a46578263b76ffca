"""Mining rounds that are open or issue rewards, against what the ledger's updates say of them."""

import base64
import json
import re
from datetime import datetime
from decimal import Decimal

import pytest

from mocks.canton_scan.clock import SECOND, parse_instant
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.scan_api import NO_ROUNDS, NOON, StoppedClock

PATH = "/v0/open-and-issuing-mining-rounds"
MINUTE = 60 * SECOND
LATER = [NOON + minutes * MINUTE for minutes in (0, 3, 7, 13, 29, 31, 50)]


@pytest.fixture(scope="module")
def clock():
    return StoppedClock()


@pytest.fixture(scope="module")
def busy(tmp_path_factory, clock):
    """Three hours of updates, and those that follow when the clock is moved."""
    state = tmp_path_factory.mktemp("rounds") / "state.json"
    return open_ledger(state, "rounds", history=2_000, gap=5 * SECOND, clock=clock)


@pytest.fixture(scope="module")
def answers(busy, clock, over):
    """The rounds that the mock reports at each instant of `LATER`."""
    api, told = over(busy), []
    for clock.now in LATER:
        told.append((clock.now, rounds(api)))
    return told


@pytest.fixture(scope="module")
def created(answers, busy):
    """Every round that the updates create, by contract id, with its event."""
    return {
        event["contract_id"]: event
        for event in events_of(busy)
        if event["event_type"] == "created_event"
        and event["template_id"].endswith((":OpenMiningRound", ":IssuingMiningRound"))
    }


@pytest.fixture(scope="module")
def opened(created):
    """Those that payments refer to."""
    return {
        contract_id: event
        for contract_id, event in created.items()
        if event["template_id"].endswith(":OpenMiningRound")
    }


@pytest.fixture(scope="module")
def archived(answers, busy):
    """The time at which each round of either kind was archived, by contract id."""
    return {
        event["contract_id"]: event["at"]
        for event in events_of(busy)
        if event.get("choice") == "Archive" and "MiningRound" in event["template_id"]
    }


def events_of(ledger):
    for index in range(ledger.count()):
        if b"MiningRound" in (raw := ledger.update(index)):
            update = json.loads(raw)
            for event in update.get("events_by_id", {}).values():
                at, migration_id = parse_instant(update["record_time"]), update["migration_id"]
                yield event | {"at": at, "migration_id": migration_id}


def rounds(api, **known):
    response = api.request("POST", PATH, json=NO_ROUNDS | known)
    assert response.status_code == 200, response.text
    return response.json()


def contracts(entries):
    return [entry["contract"] for entry in entries.values()]


def number(contract):
    return int(contract["payload"]["round"]["number"])


@pytest.mark.parametrize(("kind", "count"), [("open", 3), ("issuing", 2)])
def test_a_round_is_the_one_that_an_update_created(answers, created, kind, count):
    compared = 0
    for _, told in answers:
        for contract in contracts(told[f"{kind}_mining_rounds"]):
            event = created[contract["contract_id"]]
            assert contract["template_id"] == event["template_id"]
            assert unpadded(event["create_arguments"]) == contract["payload"]
            same = map(datetime.fromisoformat, (contract["created_at"], event["created_at"]))
            assert len(set(same)) == 1
            compared += 1
    assert compared == count * len(LATER)


def unpadded(value):
    """Numbers as Decimal compares them, whatever their zeros."""
    if isinstance(value, dict):
        return {name: unpadded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [unpadded(one) for one in value]
    if re.fullmatch(r"\d+\.\d+|0E-10", value or ""):
        whole, _, decimals = f"{Decimal(value):f}".partition(".")
        return f"{whole}.{decimals.rstrip('0') or '0'}"
    return value


def test_rounds_are_told_from_their_creation_until_they_are_archived(answers, created, archived):
    for now, told in answers:
        expected = {
            contract_id
            for contract_id, event in created.items()
            if event["at"] <= now < archived.get(contract_id, now + 1)
        }
        assert {*told["open_mining_rounds"], *told["issuing_mining_rounds"]} == expected


def test_a_round_issues_rewards_until_an_update_archives_it(answers, archived):
    closed = 0
    for now, told in answers:
        for contract in contracts(told["issuing_mining_rounds"]):
            assert contract["template_id"].endswith(":Splice.Round:IssuingMiningRound")
            if contract["contract_id"] in archived:
                assert archived[contract["contract_id"]] > now
                closed += 1
    assert closed > 5


def test_a_round_is_closed_with_the_figures_with_which_it_issued_rewards(answers, busy):
    closed = {
        number({"payload": event["create_arguments"]}): unpadded(event["create_arguments"])
        for event in events_of(busy)
        if event["event_type"] == "created_event" and ":ClosedMiningRound" in event["template_id"]
    }
    issuing = {
        number(contract): contract["payload"]
        for _, told in answers
        for contract in contracts(told["issuing_mining_rounds"])
    }
    both = closed.keys() & issuing.keys()
    assert len(both) > 3
    for one in both:
        assert closed[one].items() <= issuing[one].items()


def test_three_rounds_are_open_and_two_or_three_older_ones_issue_rewards(answers):
    for _, told in answers:
        opened = sorted(map(number, contracts(told["open_mining_rounds"])))
        issuing = sorted(map(number, contracts(told["issuing_mining_rounds"])))
        newest = opened[-1]
        assert opened == [newest - 2, newest - 1, newest]
        assert issuing[-2:] == [newest - 5, newest - 4]
        assert len(issuing) in (2, 3)


def test_after_an_opening_a_round_is_closed_and_another_one_issues_rewards(busy, over):
    opening = next(index for index in range(700, 900) if "OPENED" in str(busy.plan(index)))
    at = [busy.position(index).record_time for index in range(opening - 1, opening + 3)]
    counts = []
    for instant in at:
        lag = busy.now() - instant
        counts.append(len(rounds(over(busy.behind(lag)))["issuing_mining_rounds"]))
    assert counts == [2, 2, 1, 2]


def test_the_price_moves_from_round_to_round(answers):
    prices = {
        number(contract): Decimal(contract["payload"]["amuletPrice"])
        for _, told in answers
        for contract in contracts(told["open_mining_rounds"])
    }
    assert len(prices) > 5
    assert len(set(prices.values())) > len(prices) / 2
    assert max(prices.values()) / min(prices.values()) < Decimal("1.02")


def test_numbers_are_not_padded(answers):
    text = json.dumps([told for _, told in answers])
    assert '"initialRate": "0.0"' in text
    assert '"amuletToIssuePerYear": "20000000000.0"' in text
    assert not re.search(r'"\d+\.\d*0"', text.replace('.0"', ""))
    assert "E-" not in text


def test_a_round_opens_ten_minutes_after_it_was_created(answers):
    for _, told in answers:
        for contract in contracts(told["open_mining_rounds"]):
            opens, closes = (contract["payload"][name] for name in ("opensAt", "targetClosesAt"))
            created_at = parse_instant(contract["created_at"])
            assert parse_instant(opens) == created_at + 10 * MINUTE
            assert parse_instant(closes) == created_at + 30 * MINUTE


def test_an_answer_expires_before_a_round_opens_that_it_does_not_tell(answers, opened):
    for now, told in answers:
        expires = now + told["time_to_live_in_microseconds"]
        untold = [
            parse_instant(event["create_arguments"]["opensAt"])
            for contract_id, event in opened.items()
            if event["at"] > now and contract_id not in told["open_mining_rounds"]
        ]
        assert all(opens > expires for opens in untold)


def test_an_answer_may_be_kept_for_ten_minutes(api):
    assert rounds(api)["time_to_live_in_microseconds"] == 600_000_000


def test_rounds_charge_transfers_in_the_migration_before_and_not_in_the_present_one(opened):
    found = {3: set(), 4: set()}
    for event in opened.values():
        config = event["create_arguments"]["transferConfigUsd"]
        fee, steps = (
            config["transferFee"],
            tuple(one["_1"] for one in config["transferFee"]["steps"]),
        )
        found[event["migration_id"]].add((config["createFee"]["fee"], fee["initialRate"], steps))
    filled = ("100.0000000000", "1000.0000000000", "1000000.0000000000")
    assert found[3] == {("0.0300000000", "0.0100000000", filled)}
    assert found[4] == {("0E-10", "0E-10", ())}


def test_the_price_of_transfers_is_that_of_an_open_round(busy, opened):
    prices = {
        int(event["create_arguments"]["round"]["number"]): event["create_arguments"]["amuletPrice"]
        for event in opened.values()
    }
    used = {
        (int(summary["round"]["number"]), summary["amuletPrice"])
        for event in map(json.loads, map(busy.update, range(500, 800)))
        for one in event.get("events_by_id", {}).values()
        if isinstance(one.get("exercise_result"), dict)
        and (summary := one["exercise_result"].get("amuletSum"))
    }
    assert used
    assert all(prices[number] == price for number, price in used)


def test_contracts_that_the_client_knows_come_without_content(generated):
    told = rounds(generated)
    known = min(told["open_mining_rounds"])
    issuing = sorted(told["issuing_mining_rounds"])
    again = rounds(
        generated,
        cached_open_mining_round_contract_ids=[known, "00" * 69],
        cached_issuing_round_contract_ids=issuing,
    )
    domain_id = told["open_mining_rounds"][known]["domain_id"]
    assert again["open_mining_rounds"] == told["open_mining_rounds"] | {
        known: {"domain_id": domain_id}
    }
    assert again["issuing_mining_rounds"] == {one: {"domain_id": domain_id} for one in issuing}


def test_contracts_have_their_real_forms(generated, updates):
    told = rounds(generated)
    for entries in (told["open_mining_rounds"], told["issuing_mining_rounds"]):
        for contract_id, entry in entries.items():
            contract = entry["contract"]
            assert re.fullmatch(r"00[0-9a-f]{136}", contract_id)
            assert contract["contract_id"] == contract_id
            assert entry["domain_id"] == updates[0]["synchronizer_id"]
            assert base64.b64decode(contract["created_event_blob"], validate=True)


@pytest.mark.parametrize("gap", [SECOND, 3_600 * SECOND], ids=["young", "slow"])
def test_rounds_that_no_update_created_are_told_too(tmp_path, over, gap):
    """Before the ledger began, or where ten minutes passed without an update."""
    ledger = open_ledger(tmp_path / "s.json", "few", history=10, gap=gap, clock=StoppedClock())
    told = rounds(over(ledger))
    opened = sorted(contracts(told["open_mining_rounds"]), key=number)
    newest = ledger.network.rounds.newest(ledger.head().record_time)
    assert [number(one) for one in opened] == [newest - 2, newest - 1, newest]
    assert any(parse_instant(one["payload"]["opensAt"]) <= NOON for one in opened)


def test_a_recording_tells_of_no_rounds(recorded):
    told = rounds(recorded)
    assert (told["open_mining_rounds"], told["issuing_mining_rounds"]) == ({}, {})


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, ".cached_open_mining_round_contract_ids: Missing required field"),
        (
            {"cached_open_mining_round_contract_ids": []},
            ".cached_issuing_round_contract_ids: Missing required field",
        ),
        (
            NO_ROUNDS | {"cached_issuing_round_contract_ids": [7]},
            ".cached_issuing_round_contract_ids: an array of strings was expected",
        ),
        (
            NO_ROUNDS | {"cached_open_mining_round_contract_ids": "00"},
            ".cached_open_mining_round_contract_ids: an array of strings was expected",
        ),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_in_text(api, body, detail):
    response = api.request("POST", PATH, json=body)
    expected = f"The request content was malformed:\nDecodingFailure at {detail}"
    assert (response.status_code, response.text) == (400, expected)
