"""The pages of docs/reference say what the code says."""

import subprocess

import pytest

from local.console.variables import IN_MAKE
from local.verbs import OPTIONS, VERBS
from tests.unit.docs.documents import ROOT
from tools.reference.verbs import targets


def test_every_option_is_one_that_a_verb_takes():
    taken = {name for verb in VERBS.values() for name in verb.names}
    assert taken == {*OPTIONS}


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("sql", {"Q", "FORMAT", "NETWORK", "STATE", "AT"}),
        ("bench", {"SIZES"}),
        ("down", {"AT"}),
    ],
)
def test_what_a_verb_takes_is_what_all_of_its_places_take(verb, names):
    assert VERBS[verb].names == names


def test_a_name_that_only_one_place_takes_says_which():
    reset = VERBS["reset"]
    assert [reset.where(name) for name in ("YES", "IMAGES", "NETWORK")] == ["", "stack", "embedded"]


def test_make_has_the_verbs_of_every_day_and_no_more_than_twenty_targets_beside_help():
    shown = targets()
    assert shown.keys() >= IN_MAKE
    assert {name: shown[name] for name in IN_MAKE - {"sql"}} == {
        name: VERBS[name].description for name in IN_MAKE - {"sql"}
    }
    assert len(shown.keys() - {"help"}) <= 20


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - IN_MAKE))
def test_a_verb_that_make_does_not_have_is_answered_with_what_to_type(verb):
    assert f"make {verb} is ./pipeline {verb};" in refused_by_make(verb)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rnu", "run"), ("tset", "make test"), ("chekc", "make check")],
)
def test_a_slip_of_the_finger_is_answered_with_the_nearest_verb_or_target(typed, meant):
    said = f"error: there is no {typed}: did you mean {meant}?\n"
    assert refused_by_make(typed).startswith(said)
    done = subprocess.run(
        ["./pipeline", typed], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, said)


def refused_by_make(target):
    done = subprocess.run(["make", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    return done.stderr
