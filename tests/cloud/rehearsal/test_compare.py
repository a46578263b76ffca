"""Whatever differs from production and is no swap, is found."""

import pytest

from cloud.rehearsal import swaps
from cloud.rehearsal.compare import (
    compare_container,
    compare_definitions,
    compare_overrides,
    production_definition,
    swapped_rows,
)
from cloud.rehearsal.table import Verdict
from tests.cloud.rehearsal.definitions import IMAGE, STACK, copied, inspected, pool, prod

SWAPS = swaps.of_flow_runs(STACK)


@pytest.fixture
def production():
    return production_definition(pool())


@pytest.fixture
def registered():
    """The definition that Prefect's worker registers of the swapped pool, with fields ECS adds."""
    made = copied(production_definition(swaps.swapped_pool(pool(), SWAPS)))
    made["containerDefinitions"][0]["cpu"] = 0
    return {**made, "revision": 1, "status": "ACTIVE"}


def differing(rows):
    return [row.part for row in rows if row.verdict is Verdict.DIFFERS]


def test_placeholders_are_filled_as_the_worker_fills_them(production):
    (container,) = production["containerDefinitions"]
    assert (container["name"], container["image"]) == ("flow", IMAGE)
    assert production["taskRoleArn"].endswith(":role/canton-prod-flow")
    size = prod().tasks.flow
    assert (production["cpu"], production["memory"]) == (size.cpu, size.memory)
    assert "command" not in container
    assert "{{" not in str(production)


def test_what_was_registered_differs_in_the_swaps_alone(production, registered):
    rows = list(compare_definitions(production, registered, SWAPS))
    assert differing(rows) == []
    shown = {row.part: (row.production, row.here) for row in rows if row.verdict == "swapped"}
    assert shown.keys() == {one.name for one in SWAPS}
    assert shown["SNOWFLAKE_HOST"] == ("unset", "snowflake")
    assert shown["CANTON_BASE_URL"] == (
        "https://scan.example.com/api/scan",
        "http://canton-scan:5012/api/scan",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image", "another"),
        ("user", "0"),
        ("readonlyRootFilesystem", False),
        ("stopTimeout", 1),
        ("essential", False),
        ("secrets", []),
        ("linuxParameters", {"initProcessEnabled": True}),
        ("logConfiguration", {"logDriver": "json-file"}),
    ],
)
def test_another_field_of_the_container_is_found(production, registered, name, value):
    registered["containerDefinitions"][0][name] = value
    rows = list(compare_definitions(production, registered, SWAPS))
    assert differing(rows) == ["task definition"]
    assert name in rows[0].here


@pytest.mark.parametrize("name", ["taskRoleArn", "executionRoleArn", "networkMode", "family"])
def test_another_field_of_the_task_is_found(production, registered, name):
    registered[name] = "another"
    rows = list(compare_definitions(production, registered, SWAPS))
    assert differing(rows) == ["task definition"]
    assert name in rows[0].here


@pytest.mark.parametrize(
    ("cpu", "memory", "parts"),
    [
        ("1024", "4096", ["size"]),
        ("2048", "16384", ["size"]),
        ("2048", "512", ["size", "Fargate's sizes"]),
    ],
)
def test_another_size_is_found_and_one_that_fargate_has_not(
    production, registered, cpu, memory, parts
):
    registered |= {"cpu": cpu, "memory": memory}
    assert differing(compare_definitions(production, registered, SWAPS)) == parts


@pytest.mark.parametrize(
    ("change", "part"),
    [
        pytest.param({"SNOWFLAKE_DATABASE": "ANOTHER"}, "variables", id="value"),
        pytest.param({"SNOWFLAKE_DATABASE": None}, "variables", id="missing"),
        pytest.param({"CANTON_PAGE_SIZE": "10"}, "variables", id="too-many"),
        pytest.param({"SNOWFLAKE_HOST": "elsewhere"}, "SNOWFLAKE_HOST", id="swap"),
        pytest.param({"SNOWFLAKE_HOST": None}, "SNOWFLAKE_HOST", id="no-swap"),
    ],
)
def test_another_variable_is_found(production, registered, change, part):
    container = registered["containerDefinitions"][0]
    values = {one["name"]: one["value"] for one in container["environment"]} | change
    container["environment"] = [
        {"name": name, "value": value} for name, value in values.items() if value is not None
    ]
    assert differing(compare_definitions(production, registered, SWAPS)) == [part]


def test_a_container_as_its_definition_says_differs_in_nothing(registered):
    found = inspected(registered, ADDED="1")
    rows = list(compare_container("task", registered, found, {"ADDED": "1"}))
    assert differing(rows) == []
    assert len(rows) == 10


@pytest.mark.parametrize(
    ("where", "change", "part"),
    [
        ("Config", {"User": "0"}, "user"),
        ("HostConfig", {"ReadonlyRootfs": False}, "read-only root"),
        ("HostConfig", {"Tmpfs": None}, "may be written to"),
        ("HostConfig", {"Tmpfs": {"/tmp": "size=512m"}}, "may be written to"),  # noqa: S108
        ("HostConfig", {"CapDrop": None}, "rights dropped"),
        ("HostConfig", {"CapAdd": ["NET_RAW"]}, "rights added"),
        ("HostConfig", {"Init": None}, "init"),
        ("HostConfig", {"Memory": 2**30}, "memory"),
        ("HostConfig", {"NanoCpus": 10**9}, "cores"),
    ],
)
def test_another_container_is_found(registered, where, change, part):
    found = inspected(registered)
    found[where] |= change
    assert differing(compare_container("task", registered, found, {})) == [f"task: {part}"]


def test_a_mount_is_found(registered):
    found = {**inspected(registered), "Mounts": [{"Destination": "/app/flows"}]}
    (row,) = (
        one for one in compare_container("task", registered, found, {}) if one.verdict == "DIFFERS"
    )
    assert (row.part, row.here) == ("task: mounts", "/app/flows")


@pytest.mark.parametrize(
    ("env", "odd"),
    [
        pytest.param("SNOWFLAKE_DATABASE=ANOTHER", "SNOWFLAKE_DATABASE", id="value"),
        pytest.param("UNKNOWN=1", "UNKNOWN", id="too-many"),
        pytest.param("SNOWFLAKE_PRIVATE_KEY=", "SNOWFLAKE_PRIVATE_KEY", id="secret-without-value"),
    ],
)
def test_another_environment_is_found(registered, env, odd):
    found = inspected(registered)
    found["Config"]["Env"].append(env)
    *_, row = compare_container("task", registered, found, {})
    assert (row.verdict, row.here.rpartition(": ")[2]) == (Verdict.DIFFERS, odd)


def test_a_variable_that_a_run_adds_has_to_be_there(registered):
    *_, row = compare_container("task", registered, inspected(registered), {"ADDED": "1"})
    assert (row.verdict, row.here.rpartition(": ")[2]) == (Verdict.DIFFERS, "ADDED")


@pytest.mark.parametrize(("length", "verdict"), [(8000, Verdict.EQUAL), (8192, Verdict.DIFFERS)])
def test_overrides_are_counted_as_ecs_counts_them(length, verdict):
    assert compare_overrides({"overrides": {"a": "x" * length}}).verdict is verdict


def test_a_swap_that_was_not_made_is_found():
    rows = list(swapped_rows("worker: ", {}, {"SNOWFLAKE_HOST": "x"}, SWAPS))
    assert {row.verdict for row in rows} == {Verdict.DIFFERS}
    assert rows[0].part == "worker: PREFECT_API_URL"
