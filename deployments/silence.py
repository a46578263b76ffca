"""The variables that keep each part from asking outside, on the stack and in `make run`."""

from dotenv import dotenv_values

SILENT = "offline.env"


def silent_variables() -> dict[str, str]:
    """Return the variables of `offline.env`, which describes what each one silences."""
    return {name: value or "" for name, value in dotenv_values(SILENT).items()}
