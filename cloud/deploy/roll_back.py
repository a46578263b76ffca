"""``./pipeline rollback``: what an earlier deploy registered, once more. Nothing is built."""

from collections.abc import Mapping
from dataclasses import replace

from cloud.choices import selected_settings
from cloud.deploy.deploy import final_report, tool_versions
from cloud.deploy.outside import Outside, real
from cloud.deploy.refusing import (
    explain_account,
    explain_drift,
    explain_secrets,
    explain_server,
    explain_surroundings,
    refuse,
)
from cloud.deploy.registering import register_again
from cloud.outputs import Outputs, read_outputs
from cloud.plan.changes import changes
from cloud.plan.command import PlanInputs, read_inputs
from cloud.plan.problems import explain_outputs
from cloud.plan.records import Record, new_name
from cloud.plan.state import digest_of
from cloud.plan.text import change_lines
from local.console.errors import CommandFailed
from local.console.variables import is_on


def rollback(environment: Mapping[str, str]) -> int:
    settings = selected_settings("rollback", environment)
    here, outside = read_inputs(settings), real(settings, environment)
    is_forced = is_on("FORCE", environment)
    carry_out(here, outside, to=environment.get("TO") or "", is_forced=is_forced)
    return 0


def carry_out(
    here: PlanInputs, outside: Outside, *, to: str = "", is_forced: bool = False
) -> Record:
    """Go back; the record of it.

    Args:
        to: The name of a record; empty: the deploy before.
        is_forced: Whether what differs by now is overwritten.

    Raises:
        CommandFailed: Refused, or it failed and everything is as it was.
    """
    newest = here.records.newest()
    if newest is None:
        raise CommandFailed(f"nothing was deployed to {here.settings.stack_name} yet")
    target = here.records.read(to) if to else here.records.before(newest)
    outputs = read_outputs(here.settings.stack_name, here.outputs_folder)
    refuse(
        [
            *explain_surroundings(outside.environment),
            *explain_outputs(here.settings, outputs),
            *_explain_moved(target, outputs, is_forced=is_forced),
        ]
    )
    refuse(explain_account(here.settings, outside))
    image, gone = target.state.image, list[str]()
    if not outside.registry(outputs).digest(digest_of(image)):
        gone = [f"the image {image} is gone from the registry: deploy its commit anew"]
    refuse([*explain_secrets(here.settings, outputs, outside), *gone])
    with outside.prefect(here.settings, outputs) as client:
        refuse(explain_server(client, outputs.prefect_api_url))
        refuse(explain_drift(client, newest, newest.state, is_forced=is_forced))
        print(f"back to {target.name}, of commit {target.commit[:12]}; registering…", flush=True)
        slack_url = outside.slack_url(outputs)
        registered = register_again(client, target, newest, slack_url, print)
    record = replace(
        target,
        name=new_name(outside.now()),
        person=here.source.person,
        host=here.source.host,
        versions=tool_versions(),
        registered=registered,
        graph=newest.graph,  # a rollback changes nothing of it
        rollback_of=target.origin,
    )
    file = here.records.write(record)
    print(final_report(here, record, f"went back to {target.name}; record: {file}"))
    # Tables don't go back; flows of before have to work with those of now.
    if newer := sorted(newest.state.migrations.keys() - target.state.migrations):
        print(f"the warehouse keeps what was migrated since: {', '.join(newer)}")
    return record


def _explain_moved(target: Record, outputs: Outputs, *, is_forced: bool) -> list[str]:
    """A pool that names what isn't there any more would start no run."""
    now = outputs.model_dump(mode="json")
    found = changes({"outputs": target.state.outputs}, {"outputs": now})
    if not found or is_forced:
        return []
    lines = [line for change in found for line in change_lines(change)]
    first = f"the infrastructure has changed since {target.name}:"
    end = f"  deploy commit {target.commit[:12]} anew; --force goes back all the same"
    return ["\n".join([first, *lines, end])]
