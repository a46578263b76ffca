"""`./pipeline debug`: which flows wait for a debugger, and where debuggers attach."""

from local.console.chosen_flow import FLOWS as ALL

FLOWS = tuple(name for name in ALL if name != "audit")  # whose steps are threads side by side
# Whoever steps through the code is not to be interrupted: a statement may take a day.
SETTINGS = {"SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS": "86400"}


def waiting(port: int, configuration: str) -> str:
    return (
        f"waiting for a debugger on 127.0.0.1:{port}: in VS Code, '{configuration}'"
        " (docs/how-to/debug.md names others)"
    )


def rules_listen(port: int, configuration: str) -> str:
    return f"the movement rules: 127.0.0.1:{port}, '{configuration}'"
