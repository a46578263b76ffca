"""The message of a crashed run, without Prefect's guess at the cause."""

import re

# prefect/_internal/infrastructure_exit_codes.py, codes 137 and -9. Whoever kills a run by hand, and
# an engine that restarts, end it with the same codes.
_GUESS = re.compile(
    r"Process was killed, likely due to an out-of-memory \(OOM\) condition\."
    r"|Process exited due to a SIGKILL signal\. Typically caused by the operating system"
    r" terminating the process for exceeding memory limits, or by manual cancellation\."
)


def without_guess(message: str) -> str:
    """A crash's message, where a killed run is killed, and not `likely due to OOM`."""
    return _GUESS.sub("It was killed.", message)
