"""Checks that deaths of a service count from the `make up` that looks, not its first start."""

from local.stack import engine


def say(monkeypatch, *lines):
    answers = {"container": "a b\n", "inspect": "\n".join("\t".join(line) for line in lines)}
    monkeypatch.setattr(engine, "docker", lambda command, *_: answers[command])


def test_deaths_of_before_do_not_count(monkeypatch):
    say(monkeypatch, ("/p-snowflake-1", "10", "starting"), ("/p-slack-1", "2", ""))
    before = engine.deaths("p")
    assert before == {"p-snowflake-1": 10, "p-slack-1": 2}
    assert engine.dying("p", before) == {}
    say(monkeypatch, ("/p-snowflake-1", "13", "starting"), ("/p-slack-1", "2", ""))
    assert engine.dying("p", before) == {"p-snowflake-1": 3}


def test_what_is_well_again_is_not_dying(monkeypatch):
    say(monkeypatch, ("/p-snowflake-1", "4", "healthy"))
    assert engine.dying("p", {}) == {}


def test_an_engine_may_begin_to_count_anew(monkeypatch):
    say(monkeypatch, ("/p-snowflake-1", "2", "starting"))
    assert engine.dying("p", {"p-snowflake-1": 10}) == {"p-snowflake-1": 2}
