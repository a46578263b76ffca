"""Verbs that work on this machine leave the person's own accounts alone, whatever ENV says."""

import os

import pytest

from local import program


@pytest.mark.parametrize(
    ("words", "environment", "sees_account"),
    [
        (["run"], {}, False),
        (["run"], {"ENV": "prod"}, False),
        (["incident", "x"], {}, False),
        (["incident", "x"], {"ENV": "prod"}, True),
        (["incident", "x", "--env", "prod"], {}, True),
    ],
)
def test_an_account_is_seen_by_verbs_of_that_environment_alone(
    monkeypatch, words, environment, sees_account
):
    seen = []
    monkeypatch.setattr(os, "environ", {"AWS_ACCESS_KEY_ID": "AKIA", **environment})
    monkeypatch.setattr(program, "stop_on_signals", lambda: None)
    monkeypatch.setattr(
        program, "_call", lambda *_: seen.append("AWS_ACCESS_KEY_ID" in os.environ) or 0
    )
    assert program.main(words) == 0
    assert seen == [sees_account]


def test_a_place_that_is_none_is_refused_also_where_a_verb_has_one_alone(monkeypatch, capsys):
    monkeypatch.setattr(os, "environ", {"AT": "cloud"})
    assert program.main(["snapshot", "x"]) == 1
    assert "AT=cloud: expected stack or embedded" in capsys.readouterr().err
