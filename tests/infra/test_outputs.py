"""Checks that the program exports what deploys read, and that predicted names are right."""

import json
import runpy

import pulumi
import pytest

from cloud.infra.digest import digest
from cloud.infra.graph import Recorder, run_under
from cloud.infra.settings import read_settings
from cloud.outputs import (
    NOT_MADE,
    Outputs,
    OutputsWrong,
    checked,
    outputs_file,
    placeholder_outputs,
    read_outputs,
)
from cloud.plan.command import record_graph


@pytest.mark.parametrize("recorded", ["graph", "dev_graph", "cloud_graph"])
def test_the_programs_outputs_are_those_that_are_read(recorded, request):
    graph = request.getfixturevalue(recorded)
    read = checked(graph.outputs)
    assert json.loads(read.model_dump_json(exclude={"graph"})) == graph.outputs


def test_pulumi_is_told_which_graph_it_makes(graph, prod, monkeypatch):
    """Run the program that `pulumi up` runs, without Pulumi's engine."""
    exported = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "prod")
    run_under(
        Recorder(), lambda _: runpy.run_module("cloud.infra", run_name="__main__") and {}, prod
    )
    assert exported["graph"] == digest(record_graph(read_settings("prod")))
    assert exported.keys() - {"graph"} == graph.outputs.keys()


def test_outputs_are_read_from_the_file_that_pulumi_wrote(graph, tmp_path):
    outputs_file("prod", tmp_path).write_text(json.dumps(graph.outputs))
    assert read_outputs("prod", tmp_path) == checked(graph.outputs)


def test_without_a_file_it_is_said_how_to_make_it(tmp_path):
    with pytest.raises(OutputsWrong, match=r"pulumi stack output --json --stack prod"):
        read_outputs("prod", tmp_path)


def test_what_is_missing_or_unknown_is_named(graph):
    values = {**graph.outputs, "vpc": "x"}
    del values["vpc_id"]
    with pytest.raises(OutputsWrong) as wrong:
        checked(values)
    assert {line.split(": ")[1] for line in str(wrong.value).splitlines()} == {"vpc", "vpc_id"}


def leaves(outputs: Outputs):
    """Each text, by where it stands."""
    for name, value in json.loads(outputs.model_dump_json(exclude={"graph"})).items():
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        pairs = [(None, value)] if isinstance(value, str) else inner
        for key, one in pairs:
            yield (name, key), one


def resolved(graph, text):
    """A reference as the name that the program gave what it refers to; None where it gave none."""
    known = {f"${{{one.key}.{part}}}": one for one in graph.resources for part in ("arn", "id")}
    if text not in known:
        return None if text.startswith("${") else text
    return known[text].inputs.get("name")


def test_placeholders_are_what_the_program_calls_things_or_say_that_they_are_none(graph, prod):
    made = dict(leaves(checked(graph.outputs)))
    placed = dict(leaves(placeholder_outputs(prod)))
    assert made.keys() == placed.keys()
    for where, text in placed.items():
        name = resolved(graph, made[where])
        if name is None or NOT_MADE in text:
            assert made[where].startswith("${")
            assert name is None or name in text
        else:
            assert text.endswith(name), where
    named = {where[0] for where, text in placed.items() if NOT_MADE not in text}
    assert named >= {"cluster_arn", "flow_execution_role_arn", "flow_task_role_arn", "flow_family"}
