"""Reasons to refuse a deploy or a rollback; all are checked before anything is changed."""

from collections.abc import Mapping, Sequence

from cloud.deploy.outside import Outside
from cloud.deploy.registering import drift
from cloud.infra.digest import digest
from cloud.infra.environment import secret_keys
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
    """Raise `CommandFailed` with all reasons that aren't empty, if there is one."""
    if found := [f"- {reason}" for reason in reasons if reason]:
        raise CommandFailed("\n".join(["refused, nothing was changed:", *found]))


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
    """Refuse if the program would now make another infrastructure than the applied one."""
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
    return [outside.account.explain_other(settings.stack.account_id)]


def explain_secrets(settings: Settings, outputs: Outputs, outside: Outside) -> list[str]:
    """Tasks don't start without a value of each secret."""
    arns = {key: outputs.secret_arns[key] for key in secret_keys(settings)}
    return outside.account.explain_secrets(arns)


def explain_service_image(settings: Settings, outside: Outside, outputs: Outputs) -> list[str]:
    """Refuse while services run an image that nobody could pull again."""
    image_digest = settings.tasks.image_digest
    if image_digest is None or outside.registry(outputs).digest(image_digest):
        return []
    file = f"cloud/infra/Pulumi.{settings.stack_name}.yaml"
    return [
        (
            f"tasks.image_digest: the registry has no {image_digest},"
            f" so a service can't pull it when it starts anew: put the digest of the last deploy"
            f" into {file} and pulumi up,"
            " or unset it, and ./pipeline deploy pushes an image"
        )
    ]


def explain_server(client: Client, url: str) -> list[str]:
    silence = explain_silence(client)
    return [f"Prefect's server at {url}: {silence}"] if silence else []


def explain_drift(
    client: Client, last: Record | None, state: State, *, is_forced: bool
) -> list[str]:
    """Report changes made by hand on the server, which a deploy overwrites only if forced."""
    found = drift(client, last, state)
    if not found:
        return []
    record = f"the record {last.name}" if last else "any record here"
    lines = [line for change in found for line in change_lines(change)]
    text = "\n".join([f"Prefect's server holds something else than {record} tells:", *lines])
    if is_forced:
        print(f"{text}\n(overwritten: --force)")
        return []
    return [f"{text}\n  is a record missing (git pull)? --force overwrites what is there"]
