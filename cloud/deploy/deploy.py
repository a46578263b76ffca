"""``./pipeline deploy``: refuses, or builds, pushes, registers all or nothing, and records it."""

import platform
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version

from cloud.choices import selected_settings
from cloud.deploy.docker import Order
from cloud.deploy.outside import Outside, real
from cloud.deploy.refusing import (
    explain_account,
    explain_drift,
    explain_graph,
    explain_secrets,
    explain_server,
    explain_service_image,
    explain_source,
    explain_surroundings,
    refuse,
)
from cloud.deploy.registering import register
from cloud.infra.digest import digest
from cloud.outputs import Outputs
from cloud.plan.command import PlanInputs, Planned, image_to_be, make, read_inputs
from cloud.plan.problems import explain_services
from cloud.plan.records import Record, new_name
from cloud.plan.source import RECORDS
from cloud.plan.state import ImageOf, digest_of, planned_config, planned_state
from cloud.plan.text import as_text
from local.console.errors import CommandFailed
from local.console.variables import is_on

_TOOLS = ("prefect", "prefect-aws")
_print_line = partial(print, flush=True)


def deploy(environment: Mapping[str, str]) -> int:
    settings = selected_settings("deploy", environment)
    carry_out(
        read_inputs(settings),
        real(settings, environment),
        is_forced=is_on("FORCE", environment),
        is_built_anew=is_on("BUILD", environment),
        is_push_alone=is_on("PUSH", environment),
    )
    return 0


def carry_out(
    here: PlanInputs,
    outside: Outside,
    *,
    is_forced: bool = False,
    is_built_anew: bool = False,
    is_push_alone: bool = False,
) -> Record | None:
    """Deploy; the record, or None where only an image was pushed.

    The first time no service runs yet, and Prefect's server may be one of them: all of them wait
    for an image. An upgrade gives services theirs before anything of it is registered.

    Args:
        is_forced: Overwrite what somebody changed on the server.
        is_built_anew: Build the image even if none of its inputs has changed.
        is_push_alone: Push the image, and register nothing.

    Raises:
        CommandFailed: Refused, or it failed and everything is as it was.
    """
    planned = make(here)
    print(as_text(planned.plan), flush=True)
    outputs = _checked_here(here, planned, outside)
    refuse(explain_account(here.settings, outside))
    if here.settings.tasks.image_digest is None or is_push_alone:
        outside.check()
        image = _image(here, outside, outputs, planned.last, is_built_anew=is_built_anew)
        hint = _services_hint(here, image.reference)
        print(f"pushed {image.reference}\n{hint}, then ./pipeline deploy")
        return None
    refuse(explain_secrets(here.settings, outputs, outside))
    refuse(explain_service_image(here.settings, outside, outputs))
    outside.registry(outputs).keep(here.settings.tasks.image_digest)
    with outside.prefect(here.settings, outputs) as client:
        refuse(explain_server(client, outputs.prefect_api_url))
        refuse(explain_drift(client, planned.last, planned.state, is_forced=is_forced))
        outside.check()
        image = _image(here, outside, outputs, planned.last, is_built_anew=is_built_anew)
        config = planned_config(here.settings, outputs, image.reference, outside.slack_url(outputs))
        state = planned_state(config, outputs, image)
        _print_line("registering…")
        registered = register(client, config, state, planned.last, _print_line)
    record = Record(
        environment=here.settings.stack_name,
        name=new_name(outside.now()),
        commit=here.source.commit,
        person=here.source.person,
        host=here.source.host,
        versions=tool_versions(),
        state=state,
        registered=registered,
        graph=digest(planned.graph_text),
    )
    file = here.records.write(record, planned.graph_text)
    done = f"deployed {len(state.deployments)} deployments; record: {file}"
    print(final_report(here, record, done))
    return record


def _checked_here(here: PlanInputs, planned: Planned, outside: Outside) -> Outputs:
    no_image = explain_services(here.settings)
    broken = [problem for problem in planned.plan.broken if problem not in no_image]
    refuse(
        [
            *explain_source(here.source),
            *explain_surroundings(outside.environment),
            *(f"the plan is broken: {problem}" for problem in broken),
        ]
    )
    if planned.outputs is None:
        raise CommandFailed("refused: there are no outputs")  # the plan is broken without them
    refuse(explain_graph(here.settings, planned.outputs, planned.graph_text))
    return planned.outputs


def _image(
    here: PlanInputs,
    outside: Outside,
    outputs: Outputs,
    last: Record | None,
    *,
    is_built_anew: bool,
) -> ImageOf:
    """The image, in the registry: the one of the last deploy, or one that is built for this.

    Its tag is the digest of its inputs, so an image that was built once isn't built again.
    """
    registry, source = outside.registry(outputs), here.source
    kept = image_to_be(source, outputs, last)
    if not is_built_anew and last and kept.reference == last.state.image:
        if registry.digest(digest_of(kept.reference)):
            _print_line("the image stays: nothing that it is made of has changed")
            return kept
        _print_line("the image of the last deploy is gone from the registry")
    anew = f"-{new_name(outside.now())}" if is_built_anew else ""
    tag = f"inputs-{source.image_inputs[:16]}{anew}"
    pushed = outside.push(registry, Order(source.commit, tag, outside.environment), _print_line)
    return ImageOf(f"{outputs.image_repository}@{pushed}", source.image_inputs, source.commit)


def tool_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _TOOLS}}


def final_report(here: PlanInputs, record: Record, first: str) -> str:
    name = here.settings.stack_name
    lines = [
        first,
        f"image: {record.state.image}",
        f"next: git add {RECORDS}/{name} && git commit -m 'Record the deploy of {name}'",
    ]
    if here.settings.tasks.image_digest != digest_of(record.state.image):
        lines.append(_services_hint(here, record.state.image))
    return "\n".join(lines)


def _services_hint(here: PlanInputs, image: str) -> str:
    return (
        f"next: tasks.image_digest: {digest_of(image)}"
        f" in cloud/infra/Pulumi.{here.settings.stack_name}.yaml, pulumi up"
        f" (services run {here.settings.tasks.image_digest})"
    )
