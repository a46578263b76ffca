"""Alerts: what can be wrong, how bad it is, and what to type.

Who is told, and how often, is decided in `flows.alert_book`. docs/runbook.md has an entry for each
kind. Nothing here needs the warehouse: control flows import it.
"""

from dataclasses import dataclass
from datetime import datetime

from services.errors import LineRefused, PipelineError, QualityFailed

UTC_MINUTE = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class Kind:
    """A way in which something is wrong.

    Attributes:
        name: A word; the heading of its entry in docs/runbook.md.
        group: Kinds that are counted together: see `flows.alerts.MOST`.
        title: What is wrong, behind the subject's name.
        effect: How bad it is.
        type_this: What to type first, on the stack and without Docker.
        type_in_cloud: The same where the cloud's `{stack}` tells it.
        recovered: What is said behind the subject's name once it is over.
    """

    name: str
    group: str
    title: str
    effect: str
    type_this: str
    type_in_cloud: str
    recovered: str

    def what_to_type(self, stack: str) -> str:
        """The first command to type, for the cloud's stack of this name; "" means a local place."""
        return self.type_in_cloud.format(stack=stack) if stack else self.type_this


_FLOWS = "aws logs tail /{stack}/flows --since 2h"
_WORKERS = "aws logs tail /{stack}/workers --since 2h"
_SERVICES = "aws ecs describe-services --cluster {stack} --services {stack}-worker {stack}-control"
_SET_ASIDE = ".venv/bin/python -m services quarantine"
_NOT_DONE = "its work is not done; what was committed stays, its next run goes on from there"
FAILED = Kind("failed", "runs", "failed", _NOT_DONE, "make status", _FLOWS, "runs again")
GATE = Kind(
    "gate",
    "runs",
    "failed at a quality rule",
    "nothing of the batch was committed, and each run stops there until somebody decides",
    "./pipeline quality",
    _SET_ASIDE,
    "runs again",
)
CRASHED = Kind(
    "crashed",
    "runs",
    "crashed and was given up",
    _NOT_DONE,
    "./pipeline logs prefect-worker",
    _WORKERS,
    "runs again",
)
LATE = Kind(
    "late",
    "waiting",
    "should have begun",
    "nothing new is loaded until a worker takes the runs",
    "make status",
    _SERVICES,
    "is taken by a worker again",
)
STUCK = Kind(
    "stuck",
    "waiting",
    "neither goes on nor ends",
    "other runs of it wait behind this one",
    "make status",
    _FLOWS,
    "goes on again",
)
IDLE = Kind(
    "idle",
    "waiting",
    "has not completed for too long",
    "the data grows old, and no run says so",
    "./pipeline schedule",
    _SERVICES,
    "completes again",
)
SILENT = Kind(
    "silent",
    "control",
    "does not run",
    "no scheduled run may begin, and nobody tells of late, stuck or missing ones",
    "./pipeline logs control-worker",
    _WORKERS,
    "runs again",
)
CONTROL = Kind(
    "control",
    "control",
    "failed",
    "crashed runs may stay crashed until the control worker starts again",
    "./pipeline logs control-worker",
    _WORKERS,
    "runs again",
)
STALE = Kind(
    "stale",
    "fresh",
    "is older than it may be",
    "what people read is old, although runs complete",
    "make status",
    _FLOWS,
    "is fresh again",
)
QUARANTINE = Kind(
    "quarantine",
    "quarantine",
    "waits in quarantine",
    "bronze stops at a page that waits; one that the Scan sent broken is asked for again",
    "./pipeline quarantine",
    _SET_ASIDE,
    "has nothing that waits in quarantine",
)
BACKLOG = Kind(
    "backlog",
    "backlog",
    "falls behind",
    "each run loads less than what arrives meanwhile",
    "make status",
    ".venv/bin/prefect deployment run canton-transactions-bronze/canton-bronze-hourly",
    "catches up",
)
APPROVAL = Kind(
    "approval",
    "approval",
    "needs a person's approval",
    "it has done nothing, and holds nothing up",
    "./pipeline open",
    ".venv/bin/prefect flow-run ls --state Suspended",
    "was decided",
)
KINDS = {
    one.name: one
    for one in (
        FAILED,
        GATE,
        CRASHED,
        LATE,
        STUCK,
        IDLE,
        SILENT,
        CONTROL,
        STALE,
        QUARANTINE,
        BACKLOG,
        APPROVAL,
    )
}


@dataclass(frozen=True)
class Alert:
    """Something that is wrong.

    Attributes:
        kind: How.
        subject: With what: a flow, a layer, a network. People are told of it once a kind.
        reason: What was found, as lines of text.
        since: The beginning, as far as it is known.
        link: A page that shows it.
    """

    kind: Kind
    subject: str
    reason: str
    since: datetime
    link: str

    def text(self, more: str = "", stack: str = "") -> str:
        """A message for Slack."""
        since = f"{self.since:{UTC_MINUTE}}"
        return alert_text(self.kind, self.subject, self.reason, since, self.link, more, stack)


def alert_text(  # noqa: PLR0913, PLR0917 -- a message's lines
    kind: Kind,
    subject: str,
    reason: str,
    since: str,
    link: str,
    more: str = "",
    stack: str = "",
) -> str:
    """A message for Slack: what, since when, how bad, what to type, a link."""
    lines = [
        f":x: *{subject}* {kind.title}",
        reason,
        f"since: {since}",
        f"how bad: {kind.effect}",
        f"type: `{kind.what_to_type(stack)}`; docs/runbook.md#{kind.name} tells what then",
        more,
        f"see: {link}",
    ]
    return "\n".join(filter(None, lines))


def recovery_text(kind: Kind, subject: str, more: str) -> str:
    """A message for Slack: what is over, and a line more."""
    return f":white_check_mark: *{subject}* {kind.recovered}\n{more}"


def kind_of_failure(error: object) -> Kind:
    """The kind of a failed run, by its error."""
    return GATE if isinstance(error, QualityFailed | LineRefused) else FAILED


def reason_of_failure(error: object, message: str | None) -> str:
    """The reason in a failed run's alert: the text of an error of ours, else Prefect's message."""
    return str(error) if isinstance(error, PipelineError) else message or ""
