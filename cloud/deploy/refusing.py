"""Reasons not to go on; each is told before anything is changed."""

from collections.abc import Mapping, Sequence

from cloud.deploy.outside import Outside
from cloud.deploy.registering import drift
from cloud.infra.digest import digest
from cloud.infra.environment import wanted_secrets
from cloud.infra.settings import Settings
from cloud.outputs import Outputs, outputs_file
from cloud.plan.records import Record
from cloud.plan.source import Source
from cloud.plan.state import State
from cloud.plan.text import change_lines
from cloud.surroundings import local_traces
from deployments.server import Client, explain_silence
from local.console.errors import CommandFailed

_MOST_FILES = 5


def refuse(reasons: Sequence[str]) -> None:
    """Raise `CommandFailed` with all reasons, if there is one."""
    if reasons:
        raise CommandFailed(
            "\n".join(["refused, nothing was changed:", *(f"- {r}" for r in reasons)])
        )


def explain_source(source: Source) -> list[str]:
    """Report uncommitted files: a deploy needs a commit, so that its source can be found again."""
    if not source.uncommitted:
        return []
    more = len(source.uncommitted) - _MOST_FILES
    listed = ", ".join(source.uncommitted[:_MOST_FILES]) + (f" and {more} more" if more > 0 else "")
    return [f"not committed: {listed}"]


def explain_surroundings(environment: Mapping[str, str]) -> list[str]:
    """A shell that is set up for something on this machine isn't one to deploy from."""
    return [f"local: {trace}" for trace in local_traces(environment)]


def explain_graph(settings: Settings, outputs: Outputs, graph_text: str) -> list[str]:
    """A record tells the infrastructure that there is, not what the program would make now."""
    if outputs.graph == digest(graph_text):
        return []
    file = outputs_file(settings.stack_name).name
    reason = (
        "the outputs are of other settings, or of another program, than what is here: pulumi up,"
        f" then export them to cloud/infra/{file} again, and commit it"
    )
    return [reason]


def explain_account(settings: Settings, outside: Outside) -> list[str]:
    """Another environment's keys would make a mess of it."""
    other = outside.account.explain_other(settings.stack.account_id)
    return [other] if other else []


def explain_secrets(settings: Settings, outputs: Outputs, outside: Outside) -> list[str]:
    """Tasks don't start without a value of each secret."""
    arns = {key: outputs.secret_arns[key] for key in wanted_secrets(settings)}
    return outside.account.explain_secrets(arns)


def explain_service_image(settings: Settings, outside: Outside, outputs: Outputs) -> list[str]:
    """Refuse while services run an image that nobody could pull again."""
    wanted = settings.tasks.image_digest
    if wanted is None or outside.registry(outputs).digest(wanted):
        return []
    file = f"cloud/infra/Pulumi.{settings.stack_name}.yaml"
    return [
        (
            f"tasks.image_digest: the registry has no {wanted}, so a service can't pull it when"
            f" it starts anew: put the digest of the last deploy into {file} and pulumi up,"
            " or unset it, and ./pipeline deploy pushes an image"
        )
    ]


def explain_server(client: Client, url: str) -> list[str]:
    """All that is registered goes to one server."""
    silence = explain_silence(client)
    return [f"Prefect's server at {url}: {silence}"] if silence else []


def explain_drift(
    client: Client, last: Record | None, wanted: State, *, is_forced: bool
) -> list[str]:
    """Report changes made by hand on the server, which a deploy overwrites only if forced."""
    found = drift(client, last, wanted)
    if not found:
        return []
    told = f"the record {last.name}" if last else "any record here"
    lines = [line for change in found for line in change_lines(change)]
    text = "\n".join([f"Prefect's server holds something else than {told} tells:", *lines])
    if is_forced:
        print(f"{text}\n(overwritten: FORCE=1)")
        return []
    return [f"{text}\n  is a record missing (git pull)? FORCE=1 overwrites what is there"]
