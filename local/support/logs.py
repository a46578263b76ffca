"""The last lines of everything that logs here."""

from collections.abc import Mapping
from functools import partial

from local.embedded.state import roots
from local.stack.compose import containers
from local.stack.compose import last_lines as last_of_service
from local.stack.settings import kept_values
from local.support.evidence import LAST_LINES, Evidence, files_of, last_lines


def add_stack_logs(evidence: Evidence, _: Mapping[str, str]) -> None:
    if not kept_values():
        evidence.miss("logs/stack", "there is no stack here")
        return
    names = containers()
    if not names:
        evidence.miss("logs/stack", "the stack has no containers: it is down")
    for name in names:
        evidence.add(f"logs/stack/{name}.log", partial(_service, name))


def _service(name: str) -> str:
    return "\n".join(last_of_service(name, LAST_LINES))


def add_embedded_logs(evidence: Evidence, environment: Mapping[str, str]) -> None:
    for place, root in zip(("embedded", "dev"), roots(environment), strict=True):
        for file in files_of(root, "*/logs/*.log"):
            name = f"logs/{place}/{file.parent.parent.name}/{file.name}"
            evidence.add(name, partial(last_lines, file))
