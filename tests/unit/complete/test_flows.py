"""A flow is complete: it is deployed in each place, has a queue of its own, and a test runs it."""

import ast
import re

import pytest
import yaml

from tests.clone import ROOT

FILE = ROOT / "prefect.yaml"
CONTROL = "control"  # the pool of the flows that look after others, the same in each place
IN_TESTS = "\n".join(file.read_text() for file in (ROOT / "tests/integration").rglob("*.py"))


@pytest.fixture(scope="module")
def deployments():
    with FILE.open() as file:
        return yaml.safe_load(file)["deployments"]


def entrypoints():
    """The flows that can be typed, as prefect.yaml names them."""
    return [
        f"flows/{path.name}:{flow}"
        for path in sorted((ROOT / "flows").glob("*.py"))
        for flow in re.findall(r"^    main\((\w+)\)$", path.read_text(), re.MULTILINE)
    ]


def test_each_flow_is_deployed_in_each_place(deployments):
    there = {(one["work_pool"]["name"], one["entrypoint"]) for one in deployments}
    flows = {*entrypoints(), *(flow for pool, flow in there if pool != CONTROL)}
    pools = {pool for pool, _ in there} - {CONTROL}
    wanted = {(pool, flow) for pool in pools for flow in flows}
    missing = [f"{flow} for pool {pool}" for pool, flow in sorted(wanted - there)]
    assert not missing, f"prefect.yaml: no deployment of {', '.join(missing)}"


def test_each_deployment_names_a_flow_that_is_there(deployments):
    def defined(file):
        nodes = ast.walk(ast.parse(file.read_text())) if file.is_file() else ()
        return {
            one.name for one in nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    split = {one["entrypoint"]: one["entrypoint"].split(":") for one in deployments}
    absent = [each for each, (path, name) in split.items() if name not in defined(ROOT / path)]
    assert not absent, f"prefect.yaml deploys what isn't in flows/: {', '.join(absent)}"


def test_each_deployment_with_a_limit_names_a_queue_of_its_own(deployments):
    limited = [one for one in deployments if "concurrency_limit" in one]
    without = [one["name"] for one in limited if "work_queue_name" not in one["work_pool"]]
    assert not without, f"prefect.yaml: no work_queue_name in {', '.join(without)}"
    queues = [(one["work_pool"]["name"], one["work_pool"]["work_queue_name"]) for one in limited]
    assert sorted(queues) == sorted({*queues})


@pytest.mark.parametrize("entrypoint", entrypoints())
def test_each_flow_is_run_by_a_test(entrypoint):
    assert entrypoint.partition(":")[2] in IN_TESTS, f"tests/integration/: none runs {entrypoint}"
