"""Commands on the stack's data and its mocked ledger."""

from collections.abc import Mapping

from local.console import commands
from local.stack.running import running


def sql(environment: Mapping[str, str]) -> int:
    """See `commands.sql`."""
    query, form = commands.read_query(environment)
    return commands.sql(running(), query, form)


def release(environment: Mapping[str, str]) -> int:
    """See `commands.release`."""
    key = commands.read_key(environment)
    return commands.release(running(), key)


def verify(_: Mapping[str, str]) -> int:
    """See `commands.verify`."""
    return commands.verify(running())


def faults(environment: Mapping[str, str]) -> int:
    """See `commands.faults`."""
    return commands.faults(running(), environment)


def clock(environment: Mapping[str, str]) -> int:
    """See `commands.clock`."""
    return commands.clock(running(), environment)
