"""Two clones side by side; the second one's start is killed, fails, and then goes well."""

import signal

import pytest

from tests.clone import until
from tests.e2e.conftest import ensure_up
from tests.e2e.engine import NOTHING

BROKEN = """services:
  slack:
    command: [python, -c, "raise SystemExit('the inbox is out of paper')"]
"""


@pytest.fixture(scope="module")
def up(stack):
    return ensure_up(stack)


@pytest.fixture(scope="module")
def other(clone):
    return clone


def started(engine, clone):
    """The ids of its containers, and since when they run."""
    found = engine.containers(clone.project)
    return {name: (one.id, one.attrs["State"]["StartedAt"]) for name, one in found.items()}


@pytest.mark.chaos
def test_a_start_that_is_killed_leaves_what_down_and_up_can_deal_with(up, other, engine):
    with other.typing("up") as typed:
        typed.shows("starting…")
        until(lambda: engine.containers(other.project), "its first container")
        typed.process.send_signal(signal.SIGKILL)
        until(typed.is_gone, "all of make up ended")
        assert "stopped half way: make up goes on, make down stops" in typed.screen.read_text()
    assert "the stack is down: make up starts it" in other.refuses("trigger")
    assert other.status()["problems"] != []
    other.makes("down")
    assert engine.everything(other.project)["containers"] == set()


def test_a_failed_start_names_the_service_and_its_last_lines(other):
    override = other.path / "docker-compose.override.yml"
    override.write_text(BROKEN)
    told = other.refuses("up")
    override.unlink()
    assert told.startswith("error: slack did not start (")
    assert told.count("did not start") == 1, "it alone is to blame"
    assert "  the inbox is out of paper" in told
    assert "./pipeline logs slack shows more; make up tries again; make down stops the rest" in told


def test_two_clones_have_nothing_in_common(up, other, engine):
    other.makes("up")
    here, there = engine.everything(up.project), engine.everything(other.project)
    assert {kind: here[kind] & there[kind] for kind in NOTHING} == NOTHING
    assert all(here[kind] and there[kind] for kind in NOTHING)
    own = {name for name in up.settings if name.endswith(("_PORT", "_PASSWORD", "_AUTH"))}
    same = {name for name in own if up.settings[name] == other.settings[name]}
    assert same == {"DEBUG_PORT", "RULES_PORT"}, "an editor's configuration names them"


def test_a_run_in_one_clone_is_not_seen_in_the_other(up, other, engine):
    before, runs = started(engine, up), up.status()["last_runs"]
    layers = up.status()["layers"]
    other.makes("trigger")
    other.makes("verify")
    assert [one["batch_id"] for one in other.status()["layers"]] == [1, 1, 1]
    assert (up.status()["last_runs"], up.status()["layers"]) == (runs, layers)
    assert started(engine, up) == before


def test_a_port_of_another_clones_stack_is_named_with_that_stack(up, other):
    taken = up.settings["PREFECT_PORT"]
    told = other.refuses("up", f"PREFECT_PORT={taken}")
    assert f"port {taken} is taken by the stack {up.project} of {up.path}" in told
    assert other.settings["PREFECT_PORT"] != taken, "what can't be is not kept"


def test_a_database_of_another_postgres_is_refused_in_one_line(up, other, engine):
    """It stays so: the reset below gets out of it."""
    newer = "echo 99 > /data/postgres/PG_VERSION"
    done = other.compose("exec", "--no-TTY", "postgres", "sh", "-c", newer)
    assert done.returncode == 0, done.stderr
    other.makes("down")
    told = other.refuses("up")
    assert told.startswith("error: the database is of Postgres 99, this is Postgres 17. It is left")
    assert told.endswith("or start over (make reset AT=stack)")
    assert len(told.splitlines()) == 1

    def problem():  # it is started again and again, and well for a moment each time
        problems = {one["service"]: one["problem"] for one in other.status()["problems"]}
        return "the database is of Postgres 99" in problems.get("postgres", "")

    until(problem, "the reason in make status", 120)


def test_reset_of_one_leaves_the_other(up, other, engine):
    before, project = started(engine, up), other.project
    other.makes("reset", "YES=1", "IMAGES=1")
    assert (engine.everything(project), engine.images(project)) == (NOTHING, 0)
    assert started(engine, up) == before
