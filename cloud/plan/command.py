"""``./pipeline plan``: reads the inputs of a plan and prints it, without any network call."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud.choices import selected_settings
from cloud.infra.environment import secret_keys
from cloud.infra.settings import FOLDER, Settings
from cloud.outputs import Outputs, OutputsWrong, checked, placeholder_outputs, read_outputs
from cloud.plan.beside_local import Comparison, compared
from cloud.plan.plan import Last, Plan, Target, make_plan
from cloud.plan.problems import explain_outputs, explain_services, explain_settings, note_network
from cloud.plan.records import Record, Records
from cloud.plan.source import Source, read_source
from cloud.plan.state import ImageOf, State, planned_config, planned_state
from cloud.plan.text import as_json, as_text
from deployments.apply import PrefectConfig
from local.console.variables import is_on

NO_SLACK = ""  # a plan looks at no secret


@dataclass(frozen=True)
class PlanInputs:
    """The inputs of a plan; tests replace them."""

    settings: Settings
    source: Source
    records: Records
    outputs_folder: Path
    record_graph: Callable[[Settings], str]
    compare: Callable[[Settings, PrefectConfig], Comparison]


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made of.

    Args:
        state: What would be registered, with an image that may still have to be built.
        outputs: None: the infrastructure has none yet.
    """

    plan: Plan
    state: State
    outputs: Outputs | None
    last: Record | None
    graph_text: str


def plan(environment: Mapping[str, str]) -> int:
    is_whole = is_on("WHY", environment)
    made = make(read_inputs(selected_settings("plan", environment))).plan
    is_json = environment.get("FORMAT") == "json"
    print(as_json(made) if is_json else as_text(made, is_whole=is_whole))
    return 1 if made.broken else 0


def read_inputs(settings: Settings) -> PlanInputs:
    return PlanInputs(
        settings=settings,
        source=read_source(Path()),
        records=Records(settings.stack_name),
        outputs_folder=FOLDER,
        record_graph=record_graph,
        compare=compared,
    )


def record_graph(settings: Settings) -> str:
    """The graph of the infrastructure program, which runs here under mocks."""
    from cloud.infra.graph import record  # noqa: PLC0415 -- Pulumi takes seconds to import

    return record(settings).to_json()


def make(one: PlanInputs) -> Planned:
    last = one.records.newest()
    outputs, problems = None, list[str]()
    try:
        outputs = read_outputs(one.settings.stack_name, one.outputs_folder)
        problems = explain_outputs(one.settings, outputs)
    except OutputsWrong as error:
        problems = str(error).splitlines()
    # Without outputs those of the last deploy are compared, or placeholders by name; and without
    # a secret the rest.
    stand_in = checked(last.state.outputs) if last else placeholder_outputs(one.settings)
    used = outputs or stand_in
    missing = {key: f"missing: {key}" for key in secret_keys(one.settings)}
    used = used.model_copy(update={"secret_arns": {**missing, **used.secret_arns}})
    image = image_to_be(one.source, used, last)
    config = planned_config(one.settings, used, image.reference, NO_SLACK)
    state = planned_state(config, used, image)
    graph_text = one.record_graph(one.settings)
    problems += explain_settings(one.settings)
    no_service = explain_services(one.settings)  # the first deploy is what gives them an image
    problems += no_service if last else []
    notes = note_network(one.settings) if last else no_service
    target = Target(
        environment=one.settings.stack_name,
        source=one.source,
        state=state,
        graph=_resources(graph_text),
        service_digest=one.settings.tasks.image_digest,
        comparison=one.compare(one.settings, config),
        problems=tuple(problems),
        notes=tuple(notes),
    )
    before = Last(last, _resources(one.records.graph_text(last))) if last else None
    return Planned(make_plan(target, before), state, outputs, last, graph_text)


def image_to_be(source: Source, outputs: Outputs, last: Record | None) -> ImageOf:
    """The image of the last deploy, while nothing that it is made of has changed."""
    if last and last.state.image_inputs == source.image_inputs:
        return ImageOf(last.state.image, last.state.image_inputs, last.state.image_commit)
    reference = f"{outputs.image_repository}@<built from {source.commit[:12]}>"
    return ImageOf(reference, source.image_inputs, source.commit)


def _resources(graph_text: str) -> dict[str, Any]:
    """Inputs of each resource by type and name, of a graph written by cloud/infra/graph.py."""
    found = json.loads(graph_text)["resources"]
    return {f"{one['type']} {one['name']}": one["inputs"] for one in found}
