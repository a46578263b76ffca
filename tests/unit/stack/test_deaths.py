"""Checks that deaths of a service count from the `make up` that looks, not its first start."""

import json

import pytest

from local.console.errors import CommandFailed
from local.stack import engine
from tests.inspected import inspected


def say(monkeypatch, *containers):
    found = [inspected(name, restarts=count, health=health) for name, count, health in containers]
    answers = {"container": "a b\n", "inspect": json.dumps(found)}
    monkeypatch.setattr(engine, "docker", lambda command, *_: answers[command])


def restarts():
    return {one.name: one.restarts for one in engine.container_states("p")}


def test_deaths_of_before_do_not_count(monkeypatch):
    say(monkeypatch, ("p-snowflake-1", 10, "starting"), ("p-slack-1", 2, ""))
    before = restarts()
    assert before == {"p-snowflake-1": 10, "p-slack-1": 2}
    assert engine.dying("p", before) == {}
    say(monkeypatch, ("p-snowflake-1", 13, "starting"), ("p-slack-1", 2, ""))
    assert engine.dying("p", before) == {"p-snowflake-1": 3}


def test_what_is_well_again_is_not_dying(monkeypatch):
    say(monkeypatch, ("p-snowflake-1", 4, "healthy"))
    assert engine.dying("p", {}) == {}


def test_an_engine_may_begin_to_count_anew(monkeypatch):
    say(monkeypatch, ("p-snowflake-1", 2, "starting"))
    assert engine.dying("p", {"p-snowflake-1": 10}) == {"p-snowflake-1": 2}


def test_only_ports_of_this_machine_are_a_containers(monkeypatch):
    container = inspected("p-slack-1")
    container["HostConfig"]["PortBindings"] |= {"2/tcp": None, "3/tcp": [{"HostPort": ""}]}
    answers = {"container": "a\n", "inspect": json.dumps([container])}
    monkeypatch.setattr(engine, "docker", lambda command, *_: answers[command])
    (found,) = engine.container_states("p")
    assert found.ports == {20000}


def test_a_container_that_goes_meanwhile_is_left_out(monkeypatch):
    there = ["a", "b"]

    def docker(command, *ids):
        if command == "container":
            return "\n".join(there)
        if "b" in ids:
            there[:] = ["a"]
            raise CommandFailed("docker inspect failed: Error: No such object: b")
        return json.dumps([inspected("p-slack-1")])

    monkeypatch.setattr(engine, "docker", docker)
    assert [one.name for one in engine.container_states("p")] == ["p-slack-1"]


def test_an_engine_that_fails_for_another_reason_is_told(monkeypatch):
    def docker(command, *_):
        if command == "container":
            return "a\n"
        raise CommandFailed("docker inspect failed: it does not say why")

    monkeypatch.setattr(engine, "docker", docker)
    with pytest.raises(CommandFailed, match="does not say why"):
        engine.container_states("p")
