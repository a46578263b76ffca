"""Checks of which calls the gate passes on to Docker; refused calls never reach it."""

import json

import pytest

from tests.unit.stack.gate.wanted import (
    BROKEN,
    CONTAINERS,
    EGRESS,
    FLOW_RUN,
    GONE,
    OTHER_NETWORK,
    OURS,
    SERVICE,
    UNLABELLED,
    WANTED,
)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET /_ping", id="ping"),
        pytest.param("GET /version", id="version"),
        pytest.param("GET /v1.41/version", id="version-of-a-version"),
        pytest.param("GET /v1.51/images/stack/pipeline:local/json", id="the-image"),
        pytest.param("GET /v1.51/images/stack/pipeline:next/json", id="the-next-image"),
        pytest.param(f"GET /v1.41/containers/{OURS}/json", id="look"),
        pytest.param(f"GET /v1.41/containers/{OURS}/logs?follow=1&stdout=1", id="logs"),
        pytest.param(f"POST /v1.41/containers/{OURS}/start", id="start"),
        pytest.param(f"POST /v1.41/containers/{OURS}/stop?t=30", id="stop"),
        pytest.param(f"POST /v1.41/containers/{OURS}/wait", id="wait"),
        pytest.param(f"POST /v1.41/containers/{GONE}/stop", id="gone"),
        pytest.param("GET /v1.41/networks/stack-egress", id="network"),
    ],
)
def test_a_call_that_starting_a_flow_run_takes_reaches_docker_as_it_is(ask, docker, line):
    assert ask(line) == (200, {"from": "docker"})
    [asked] = docker.asked
    assert f"{asked.method} {asked.url.raw_path.decode()}" == line


@pytest.mark.parametrize("more", [{}, {"EndpointConfig": {}}, {"EndpointConfig": None}])
def test_a_flow_run_is_connected_to_a_further_network_and_to_nothing_else_of_it(ask, docker, more):
    body = json.dumps({"Container": OURS, **more}).encode()
    status, _ = ask(f"POST /v1.41/networks/{EGRESS}/connect", body)
    [asked] = docker.asked
    assert (status, json.loads(asked.content)) == (200, {"Container": OURS})


@pytest.mark.parametrize(
    ("network", "body"),
    [
        pytest.param(OTHER_NETWORK, {"Container": OURS}, id="another-network"),
        pytest.param(EGRESS, {"Container": SERVICE}, id="a-service"),
        pytest.param(EGRESS, {"Container": UNLABELLED}, id="no-labels"),
        pytest.param(EGRESS, {"Container": "stack-postgres-1"}, id="by-name"),
        pytest.param(EGRESS, {"Container": OURS[:12]}, id="by-short-id"),
        pytest.param(EGRESS, {"Container": [OURS]}, id="a-list"),
        pytest.param(EGRESS, {}, id="nobody"),
        pytest.param(EGRESS, [OURS], id="no-object"),
        pytest.param(EGRESS, {"Container": OURS, "container": SERVICE}, id="two-spellings"),
        pytest.param(
            EGRESS,
            {"Container": OURS, "EndpointConfig": {"Aliases": ["snowflake"]}},
            id="alias",
        ),
    ],
)
def test_every_other_connection_is_refused(ask, docker, network, body):
    status, _ = ask(f"POST /v1.41/networks/{network}/connect", json.dumps(body).encode())
    assert (status, docker.asked) == (403, [])


def test_only_a_create_call_has_a_body_for_docker(ask, docker):
    ask(f"POST /containers/{OURS}/start", json.dumps({"Privileged": True}).encode())
    assert [one.content for one in docker.asked] == [b""]


def test_no_header_of_the_caller_reaches_docker(ask, docker):
    headers = [(b"upgrade", b"tcp"), (b"connection", b"Upgrade"), (b"x-registry-auth", b"e30=")]
    ask(f"GET /containers/{OURS}/logs", headers=headers)
    [asked] = docker.asked
    assert asked.headers["connection"] == "keep-alive"
    assert {"upgrade", "x-registry-auth"}.isdisjoint(asked.headers)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET /info", id="info"),
        pytest.param("GET /events", id="events"),
        pytest.param("GET /system/df", id="disk"),
        pytest.param("POST /auth", id="login"),
        pytest.param("POST /build", id="build"),
        pytest.param("POST /build/prune", id="build-prune"),
        pytest.param("POST /session", id="session"),
        pytest.param("POST /grpc", id="grpc"),
        pytest.param("POST /commit?container=x", id="commit"),
        pytest.param("GET /images/json", id="images"),
        pytest.param("POST /images/create?fromImage=alpine", id="pull"),
        pytest.param("POST /images/load", id="load"),
        pytest.param("GET /images/get", id="save"),
        pytest.param("DELETE /images/stack/pipeline:local", id="image-delete"),
        pytest.param("POST /images/stack/pipeline:local/tag", id="tag"),
        pytest.param("POST /images/stack/pipeline:local/push", id="push"),
        pytest.param("GET /images/stack/postgres/json", id="another-image"),
        pytest.param("GET /images/stack/pipeline:old/json", id="another-tag"),
        pytest.param("GET /distribution/alpine/json", id="registry"),
        pytest.param("GET /networks", id="networks"),
        pytest.param("GET /networks/stack-net", id="network"),
        pytest.param("POST /networks/create", id="network-create"),
        pytest.param("POST /networks/stack-net/connect", id="connect"),
        pytest.param("POST /networks/other/connect", id="connect-another"),
        pytest.param("POST /networks/stack-net/disconnect", id="disconnect"),
        pytest.param("GET /volumes", id="volumes"),
        pytest.param("POST /volumes/create", id="volume-create"),
        pytest.param("POST /swarm/init", id="swarm"),
        pytest.param("GET /nodes", id="nodes"),
        pytest.param("POST /services/create", id="services"),
        pytest.param("GET /tasks", id="tasks"),
        pytest.param("GET /secrets", id="secrets"),
        pytest.param("GET /configs", id="configs"),
        pytest.param("GET /plugins", id="plugins"),
        pytest.param("POST /plugins/pull", id="plugin-pull"),
        pytest.param("POST /exec/x/start", id="exec-start"),
        pytest.param("GET /containers/json", id="containers"),
        pytest.param("POST /containers/prune", id="prune"),
        pytest.param("GET /containers/create", id="create-by-get"),
        pytest.param(f"POST /containers/{OURS}/start?checkpoint=x", id="start-from-elsewhere"),
        pytest.param(f"GET /containers/{OURS}/logs?stdout=1&details=1", id="logs-with-more"),
        pytest.param(f"POST /containers/{OURS}/exec", id="exec"),
        pytest.param(f"POST /containers/{OURS}/attach", id="attach"),
        pytest.param(f"GET /containers/{OURS}/attach/ws", id="attach-ws"),
        pytest.param(f"POST /containers/{OURS}/rename?name=x", id="rename"),
        pytest.param(f"POST /containers/{OURS}/update", id="update"),
        pytest.param(f"POST /containers/{OURS}/restart", id="restart"),
        pytest.param(f"POST /containers/{OURS}/kill", id="kill"),
        pytest.param(f"POST /containers/{OURS}/copy", id="copy"),
        pytest.param(f"GET /containers/{OURS}/export", id="export"),
        pytest.param(f"GET /containers/{OURS}/archive?path=/", id="archive"),
        pytest.param(f"PUT /containers/{OURS}/archive?path=/", id="archive-put"),
        pytest.param(f"GET /containers/{OURS}/top", id="top"),
        pytest.param(f"GET /containers/{OURS}/stats", id="stats"),
        pytest.param(f"DELETE /containers/{OURS}?force=1", id="delete"),
        pytest.param(f"DELETE /containers/{OURS}/start", id="another-method"),
        pytest.param("GET /containers/stack-postgres-1/json", id="by-name"),
        pytest.param(f"POST /containers/{OURS[:12]}/stop", id="by-short-id"),
        pytest.param(f"POST /containers/{OURS.upper()}/stop", id="id-in-capitals"),
    ],
)
def test_every_other_call_is_refused(ask, docker, line):
    status, answer = ask(line, json.dumps(WANTED | {"Container": OURS}).encode())
    assert (status, docker.asked) == (403, [])
    assert "is not what starting a flow run takes" in answer["message"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET //version", id="double-slash"),
        pytest.param("GET //docker/version", id="host-in-the-path"),
        pytest.param("GET /version/", id="trailing-slash"),
        pytest.param("GET /VERSION", id="case"),
        pytest.param("GET /version%3Fa=1", id="encoded-query"),
        pytest.param("GET /version%23", id="encoded-fragment"),
        pytest.param("GET /version%20", id="space"),
        pytest.param("GET /version%0A", id="line-break"),
        pytest.param(f"POST /containers/{OURS}/stop%0A", id="line-break-after-ours"),
        pytest.param("GET /v1.41/v1.41/version", id="two-versions"),
        pytest.param("GET /_ping/v1.41/version", id="version-later"),
        pytest.param("GET /v1.40/version", id="old-version"),
        pytest.param("GET /v1.4/version", id="older-version"),
        pytest.param("GET /v1.411/version", id="long-version"),
        pytest.param("GET /v2.41/version", id="next-version"),
        pytest.param("GET /v1%2E4%D9%A1/version", id="arabic-digit"),
        pytest.param(f"POST /v1.23/containers/{OURS}/start", id="start-with-a-host-config"),
        pytest.param("POST /v1.41/containers/v1.41/create", id="version-in-the-middle"),
        pytest.param(f"GET /images/../containers/{SERVICE}/json", id="dots"),
        pytest.param(f"GET /images/%2e%2e/containers/{SERVICE}/json", id="encoded-dots"),
        pytest.param("GET /images/%252e%252e/containers/json", id="twice-encoded-dots"),
        pytest.param(f"POST /containers/{OURS}/../{SERVICE}/stop", id="dots-after-ours"),
        pytest.param(f"POST /containers/{OURS}%2F..%2F{SERVICE}/stop", id="encoded-slash"),
        pytest.param(f"POST /containers/{OURS}/stop/../../../build", id="dots-at-the-end"),
    ],
)
def test_no_spelling_of_a_path_gets_around_the_gate(ask, docker, line):
    status, answer = ask(line, json.dumps(WANTED).encode())
    assert (status, docker.asked) == (403, [])
    assert "is not what starting a flow run takes" in answer["message"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET http://docker/version", id="absolute"),
        pytest.param("GET /a%0Ab", id="line-break"),
        pytest.param("OPTIONS /version", id="options"),
        pytest.param("CONNECT /version", id="connect"),
        pytest.param("get /version", id="method-in-small-letters"),
    ],
)
def test_what_is_no_call_at_all_has_no_route(ask, docker, line):
    status, _ = ask(line)
    assert status in {404, 405}
    assert docker.asked == []


def test_the_host_header_is_no_part_of_the_path(ask, docker):
    status, _ = ask("POST /build", host=b"x/version?")
    assert (status, docker.asked) == (403, [])


def test_a_path_cannot_steer_the_terminal_that_shows_the_log(ask, docker, capsys):
    status, _ = ask("GET /a%1b[2Jb")
    assert (status, docker.asked) == (403, [])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "container",
    [
        pytest.param(SERVICE, id="a-service"),
        pytest.param(UNLABELLED, id="no-labels"),
        pytest.param(BROKEN, id="docker-cannot-say"),
    ],
)
@pytest.mark.parametrize("call", ["GET json", "GET logs", "POST start", "POST stop", "POST wait"])
def test_a_container_that_is_no_flow_run_is_left_alone(ask, docker, call, container):
    method, _, act = call.partition(" ")
    status, answer = ask(f"{method} /v1.41/containers/{container}/{act}")
    assert (status, docker.asked) == (403, [])
    assert "is no flow run of this stack" in answer["message"]


@pytest.mark.parametrize(
    "line", ["GET /version", f"POST /containers/{OURS}/stop", "POST /containers/create"]
)
def test_an_engine_that_does_not_answer_is_said_to(ask, docker, line):
    docker.is_gone = True
    status, answer = ask(line, json.dumps(WANTED).encode())
    assert status == 503
    assert answer["message"].startswith("Docker's engine doesn't answer: ConnectError")


def test_a_flow_run_of_another_stack_is_left_alone(ask, docker, monkeypatch):
    labels = FLOW_RUN | {"com.docker.compose.project": "another"}
    monkeypatch.setitem(CONTAINERS, OURS, labels)
    status, _ = ask(f"POST /containers/{OURS}/stop")
    assert (status, docker.asked) == (403, [])
