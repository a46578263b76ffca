"""Nobody in the stack asks outside: not at start, not while it works, not while it rests.

The watcher (see `watcher.py`) is first shown to see every container; only then does its silence
mean something.
"""

import os
import time

import pytest

from tests.clone import until

# Long enough for what starts late: counters that are sent every half a minute, or once a minute.
REST_SECONDS = float(os.environ.get("REST_SECONDS") or 90)
SIGHT_SECONDS = 90

INSIDE = ("python", "-m", "pytest", "-p", "no:cacheprovider", "-v", "tests/offline/inside")
CANARY = "canary.example"  # the name of nobody (RFC 2606), and the address of nobody (RFC 5737)
OUTSIDE = "192.0.2.1"
METADATA = "169.254.169.254"
UNWATCHABLE = (
    "PACKETS CAN'T BE WATCHED HERE, so nothing is known of what the stack asks outside. It takes"
    " Linux containers on a bridge network, and an engine whose own name server is not on the"
    " loopback of its machine. The watcher saw no {missing}"
)


def asking(name, *addresses):
    """A command that asks for a name and calls addresses, all at once."""
    calls = [f"timeout 20 bash -c ': >/dev/tcp/{address}/80' &" for address in addresses]
    return ["bash", "-c", f"timeout 20 getent hosts {name}.{CANARY} & {' '.join(calls)} wait; true"]


def is_tests_own(seen):
    return CANARY in seen.what or seen.to == OUTSIDE or seen.container.endswith("-canary")


def outsiders(offline):
    asked = [one for one in offline.seen() if not is_tests_own(one)]
    return sorted({f"{one.container}: {one.what} at {one.to}" for one in asked})


@pytest.fixture(scope="module")
def sighted(offline):
    """The offline stack, once every container of it was seen asking for a name and calling."""
    project = offline.clone.project
    running = {name: one for name, one in offline.containers().items() if one.status == "running"}
    for name, one in running.items():
        one.exec_run(asking(name, OUTSIDE), detach=True)
    offline.engine.client.containers.run(  # as the worker starts flow runs
        offline.clone.settings["FLOW_IMAGE"], asking("canary", OUTSIDE, METADATA),
        name=f"{project}-canary", network=f"{project}_default", cap_drop=["ALL"], remove=True,
    )  # fmt: skip
    wanted = {f"dns {name}.{CANARY}" for name in (*running, "canary")}
    wanted |= {f"{project}-{name}-1 {OUTSIDE}" for name in running}
    wanted |= {f"{project}-canary {address}" for address in (OUTSIDE, METADATA)}

    def missing():
        found = offline.seen()
        return wanted - {one.what for one in found} - {f"{one.container} {one.to}" for one in found}

    try:
        until(lambda: not missing(), "", SIGHT_SECONDS)
    except AssertionError:
        pytest.fail(UNWATCHABLE.format(missing=sorted(missing())))
    return offline


def test_every_container_is_on_watched_networks_that_publish_nothing(offline):
    found = offline.containers()
    assert {"prefect-server", "prefect-worker", "docker-gate", "deploy", "postgres"} <= {*found}
    for name, one in found.items():
        network = one.attrs["NetworkSettings"]
        assert {*network["Networks"]} <= offline.networks, name
        assert not any((network["Ports"] or {}).values()), name


def test_the_whole_pipeline_runs_and_nobody_asks_outside(sighted):
    sighted.clone.composes("build", "--quiet", "tests")
    tests = sighted.clone.compose("run", "--rm", "--no-TTY", "tests", *INSIDE)
    assert outsiders(sighted) == []
    assert tests.returncode == 0, tests.stdout + tests.stderr
    end = time.monotonic() + REST_SECONDS
    while time.monotonic() < end:
        assert outsiders(sighted) == []
        time.sleep(5)
    assert outsiders(sighted) == []
