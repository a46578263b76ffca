"""Ids, amounts and times as the real network writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.canton_scan.amounts import COIN, decimal_text, metadata_text
from mocks.canton_scan.clock import (
    creation_time_text,
    instant_text,
    ledger_time_text,
    parse_instant,
)
from mocks.canton_scan.draws import Draws, Seed
from mocks.canton_scan.ids import contract_id, index_of, update_id

SEED = Seed("forms")


@pytest.mark.parametrize(
    ("units", "padded", "unpadded"),
    [
        (0, "0E-10", "0.0"),
        (1, "1E-10", "0.0000000001"),
        (143, "1.43E-8", "0.0000000143"),
        (-143, "-1.43E-8", "-0.0000000143"),
        (1_430, "1.430E-7", "0.000000143"),
        (10_000, "0.0000010000", "0.000001"),
        (COIN, "1.0000000000", "1.0"),
        (109_885_749_814_750, "10988.5749814750", "10988.574981475"),
        (-5 * COIN - 1, "-5.0000000001", "-5.0000000001"),
        (22_710_564_669_621_694_408, "2271056466.9621694408", "2271056466.9621694408"),
    ],
)
def test_amounts_have_ten_decimals_and_zero_and_dust_an_exponent(units, padded, unpadded):
    assert decimal_text(units) == padded
    assert metadata_text(units) == unpadded


@pytest.mark.parametrize(
    ("text", "ledger_time", "creation"),
    [
        ("16:23:25.721430Z", "16:23:25.721430Z", "16:23:25.72143Z"),
        ("16:23:25.721000Z", "16:23:25.721Z", "16:23:25.721Z"),
        ("16:23:25.700000Z", "16:23:25.700Z", "16:23:25.7Z"),
        ("16:23:20.000000Z", "16:23:20Z", "16:23:20Z"),
    ],
)
def test_times_have_as_many_decimals_as_the_real_ones(text, ledger_time, creation):
    at = parse_instant(f"2025-12-10T{text}")
    assert instant_text(at) == f"2025-12-10T{text}"
    assert ledger_time_text(at) == f"2025-12-10T{ledger_time}"
    assert creation_time_text(ledger_time_text(at)) == f"2025-12-10T{creation}"


@pytest.mark.parametrize(
    "text", ["", "now", "2025-12-10", "2025-12-10T16:23:25", "2025-02-30T00:00:00Z"]
)
def test_a_text_that_names_no_instant_is_an_error(text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        parse_instant(text)


@given(st.integers(0, 2**63 - 1))
def test_an_update_id_leads_back_to_its_index(index):
    assert index_of(SEED, update_id(SEED, index)) == index


@pytest.mark.parametrize(
    "candidate",
    [
        "",
        "1220",
        "1220" + "0" * 64,
        "1220" + "z" * 64,
        update_id(Seed("other"), 7),
        update_id(SEED, 7)[:-1],
        update_id(SEED, 7)[:-1] + "g",
        update_id(SEED, 7).upper().replace("1220", "1220 "),
    ],
)
def test_an_id_that_the_ledger_never_makes_has_no_index(candidate):
    assert index_of(SEED, candidate) is None


def test_contract_ids_of_two_names_differ():
    assert len({contract_id(SEED, f"{index}/change") for index in range(1_000)}) == 1_000


@given(st.binary(min_size=64, max_size=64), st.integers(1, 1_000))
def test_draws_follow_from_their_key_and_stay_below_their_bound(key, bound):
    first, second = Draws(key), Draws(key)
    drawn = [first.below(bound) for _ in range(20)]
    assert drawn == [second.below(bound) for _ in range(20)]
    assert 0 <= min(drawn) <= max(drawn) < bound


def test_draws_are_spread_evenly():
    draws = Draws(b"even" * 16)
    counts = [0] * 10
    for _ in range(10_000):
        counts[draws.below(10)] += 1
    assert 900 < min(counts) < max(counts) < 1_100


def test_draws_never_change():
    draws = Seed("pinned").draws("name")
    drawn = [draws.below(1_000) for _ in range(10)]
    assert drawn == [99, 863, 690, 586, 140, 858, 750, 420, 26, 671]
    items = list(range(8))
    draws.shuffle(items)
    assert items == [1, 5, 0, 6, 3, 4, 2, 7]
