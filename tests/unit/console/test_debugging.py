"""`./pipeline debug`: each flow with its own parameters, and `.vscode/` with all of it by name."""

import inspect
import json

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from local.console.chosen_flow import FLOWS as ALL
from local.console.chosen_flow import ChosenFlow, read_flow
from local.console.debugging import FLOWS
from local.console.errors import CommandFailed
from local.embedded import debug as here
from local.program import program
from local.stack import debug as on_the_stack
from local.stack.settings import DEBUG_PORT
from local.verbs import VERBS
from tests.dap import ROOT

EDITOR = ROOT / ".vscode"


def vscode(name):
    return json.loads((EDITOR / name).read_text())


def contexts(task):
    """The parameters that a task gives the program, for each flow that may be picked."""
    (pick,) = [one for one in vscode("tasks.json")["inputs"] if one["id"] == "flow"]
    verb, *words = task["args"]
    typed = {
        tuple(word.replace("${input:flow}", flow) for word in words) for flow in pick["options"]
    }
    return [program().commands[verb].make_context(verb, [*one]).params for one in sorted(typed)]


def entrypoint(flow):
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    (found,) = [one["entrypoint"] for one in deployments if one["name"] == flow]
    return found


def test_a_flow_gets_its_parameters_by_their_own_names():
    given = {"FLOW": "bronze", "BUDGET_PAGES": "3", "STACK": "1"}
    wanted = ChosenFlow("bronze", "flows/bronze_transactions.py", {"budget_pages": 3})
    assert read_flow(given) == wanted


def test_what_no_flow_names_is_the_default():
    assert read_flow({"USD_RATE": "0.2"}, default="pipeline").parameters == {"usd_rate": "0.2"}
    assert read_flow({"FLOW": "audit", "DAYS": "7"}, default="pipeline") == ChosenFlow(
        "audit", "flows/audit_raw.py", {"days": 7}
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "which flow? expected one of bronze, silver, gold, pipeline, backfill"),
        ({"FLOW": "copper"}, "there is no flow copper: expected one of bronze"),
        ({"FLOW": "audit"}, "there is no flow audit: expected one of bronze"),
        ({"FLOW": "silver", "USD_RATE": "1"}, "silver takes no USD_RATE, but REBUILD_FROM"),
        ({"FLOW": "bronze", "BUDGET_PAGES": "0"}, "BUDGET_PAGES=0: Input should be greater"),
    ],
)
def test_what_can_not_be_debugged_is_refused_before_anything_starts(given, said):
    with pytest.raises(CommandFailed) as refused:
        read_flow(given, FLOWS)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DEBUG_PORT": "65535"}, "DEBUG_PORT=65535 needs the next port too: 65534 is the highest"),
        ({"DEBUG_PORT": "0"}, "DEBUG_PORT=0: expected a port"),
        ({"RULES": "1"}, "--rules is for ./pipeline debug --stack: here the rules take a debugger"),
        ({"STACK": "yes"}, "STACK=yes: expected 1 or 0"),
    ],
)
def test_what_means_nothing_here_is_refused_before_anything_starts(given, said):
    with pytest.raises(CommandFailed) as refused:
        here.debug({"FLOW": "gold", **given})
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("flow", ALL)
def test_each_flow_has_its_file_and_every_parameter_of_its_own(flow):
    file, _, function = entrypoint(flow).partition(":")
    known = inspect.signature(load_flow_from_entrypoint(f"{ROOT / file}:{function}").fn).parameters
    verbs = ["run", "trigger", *(["debug"] if flow in FLOWS else [])]
    values = {"USD_RATE": "1", "AFTER": "genesis", "UPTO": "genesis"}
    given = {name.upper(): values.get(name.upper(), "1") for name in known}
    found = read_flow({"FLOW": flow, **given})
    assert (found.file, found.parameters.keys()) == (file, known.keys())
    for verb in verbs:
        assert given.keys() <= VERBS[verb].names
        assert flow in VERBS[verb].option("FLOW").values


def test_the_editor_has_each_flow_at_its_port_with_its_paths():
    places = {
        "here": (int(here.PORT), "${workspaceFolder}", False),
        "on the stack": (int(DEBUG_PORT), "/app", True),
    }
    tasks = {one["label"]: one for one in vscode("tasks.json")["tasks"]}
    flows, waits = [], {}
    for one in vscode("launch.json")["configurations"]:
        if one["request"] != "attach":
            continue
        at = one["connect"]["port"], one["pathMappings"][0]["remoteRoot"]
        if task := tasks.get(one.get("preLaunchTask")):
            place = one["name"].rpartition(", ")[2]
            flows += [
                (place, typed["flow"], (*at, typed["STACK"] == "1")) for typed in contexts(task)
            ]
        else:
            waits[one["name"]] = at
    assert sorted(flows) == sorted(
        (place, flow, at) for place, at in places.items() for flow in FLOWS
    )
    assert waits == {
        here.RULES: (int(here.PORT) + 1, "${workspaceFolder}"),
        on_the_stack.RULES: (int(DEBUG_PORT) + 1, "/app"),
        here.FLOW: (int(here.PORT), "${workspaceFolder}"),
        on_the_stack.FLOW: (int(DEBUG_PORT), "/app"),
    }


def test_what_the_editor_starts_is_there():
    launch, tasks = vscode("launch.json"), vscode("tasks.json")["tasks"]
    labels = {one["label"] for one in tasks}
    names = {one["name"] for one in launch["configurations"]}
    for one in (*launch["configurations"], *launch["compounds"]):
        assert one.get("preLaunchTask") in {*labels, None}
        assert names.issuperset(one.get("configurations", ()))
    for task in tasks:
        verb, *words = task["args"]
        assert (task["command"], verb) == ("./pipeline", "debug")
        assert f"./pipeline debug {' '.join(words)}".startswith(task["label"])
        assert all(typed["flow"] in FLOWS for typed in contexts(task))
