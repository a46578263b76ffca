"""Pseudonyms: the same for the same party, and nothing else is touched."""

import json

import pytest

from local.snapshots.incident.masks import Masks
from tests.updates import DSO, NETWORK, SYNCHRONIZER, party, update_id

ALICE, BOB = party("acme-wallet-1"), party("bob")


@pytest.fixture
def masked():
    def mask(*texts):
        masks = Masks(NETWORK)
        for text in texts:
            masks.learn(text.encode())
        return [masks.text(text) for text in texts]

    return mask


def test_a_party_has_one_pseudonym_of_the_same_shape(masked):
    first, second, other = masked(
        json.dumps({"owner": ALICE}), json.dumps([ALICE]), json.dumps({"owner": BOB})
    )
    name = json.loads(first)["owner"]
    assert json.loads(second) == [name]
    assert name != json.loads(other)["owner"]
    hint, _, namespace = name.partition("::")
    assert hint.startswith("party-")
    assert (len(namespace), namespace[:4]) == (68, "1220")
    assert "acme" not in first + second


def test_what_is_the_networks_stays(masked):
    text = json.dumps({"dso": DSO, "synchronizer_id": SYNCHRONIZER, "update_id": update_id(3)})
    assert masked(text) == [text]


def test_amounts_white_space_and_what_is_broken_stay(masked):
    (text,) = masked('{"amount" : "1.10",  "n":0.50, "owner": "' + BOB + '", "cut')
    assert text.startswith('{"amount" : "1.10",  "n":0.50, "owner": "party-')
    assert text.endswith('", "cut')


def test_hints_and_namespaces_are_replaced_where_they_stand_alone(masked):
    namespace = ALICE.partition("::")[2]
    (text,) = masked(
        json.dumps({"owner": ALICE, "name": "acme-wallet-1", "key": namespace, "acme-wallet-1": 1})
    )
    found = json.loads(text)
    hint, _, pseudonym = found["owner"].partition("::")
    assert (found["name"], found["key"]) == (hint, pseudonym)
    assert "acme-wallet-1" in found, "a key is a word of the ledger's own"


def test_messages_and_addresses_are_nobodys_business(masked):
    (text,) = masked('{"reason":"rent, see \\"us\\"","url":"https://acme.example.org/a?b=c"}')
    found = json.loads(text)
    assert found["reason"].startswith("text-")
    assert "acme" not in text


def test_a_party_that_was_cut_off_is_masked_as_well(masked):
    (text,) = masked('{"owner":"' + ALICE[:30])
    assert "acme" not in text
    assert len(text.partition("::")[2]) == len(ALICE[:30].partition("::")[2])


def test_two_packs_have_nothing_in_common(masked):
    assert masked(f'"{ALICE}"') != masked(f'"{ALICE}"')
