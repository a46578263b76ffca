"""Registers a deploy on Prefect's server, all of it or nothing."""

import io
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict

from cloud.plan.changes import Change, changes
from cloud.plan.records import Record
from cloud.plan.state import State
from deployments.apply import PrefectConfig, apply
from deployments.automations import AutomationWrong
from deployments.blocks import ensure_blocks
from deployments.pools import PoolWrong
from deployments.registered import Registered, Scope, take, turned_as, unequal, without_turned
from deployments.rendering import unlike
from deployments.restoring import NotPutBack, all_or_none, remove_deployments, restore
from deployments.server import REFUSALS, Client
from local.console.errors import CommandFailed

Report = Callable[[str], None]


class NotRegistered(Exception):
    """Prefect refused something, or its server differs from what was registered."""


def scope_of(*states: State | None, pools: Iterable[str]) -> Scope:
    deployments = {name for one in states if one for name in one.deployments}
    return Scope(frozenset(pools), frozenset(deployments))


def register(
    client: Client, config: PrefectConfig, state: State, last: Record | None, report: Report
) -> Registered:
    """Register everything, and delete deployments of the last record that are gone now.

    Returns:
        The server's state afterwards.

    Raises:
        CommandFailed: It couldn't, and holds what it did before.
    """
    scope = scope_of(state, last.state if last else None, pools=state.pools)
    with explained(), all_or_none(client, scope, report):
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                apply(client, config)
        except SystemExit as ended:  # of Prefect's command, whose output is shown only then
            # under the frame of what was begun
            message = printed.getvalue().rpartition("╯")[2].strip()
            raise NotRegistered(message) from ended
        remove_deployments(client, scope.deployments - state.deployments.keys())
        now = take(client, scope)
        if left := unlike(state.deployments, now):
            raise NotRegistered(f"the server holds something else: {', '.join(left)}")
    return now


def register_again(
    client: Client, target: Record, newest: Record, slack_url: str, report: Report
) -> Registered:
    """Put a record's state back on the server, except what a person has changed since.

    Raises:
        CommandFailed: It couldn't, and holds what it did before.
    """
    scope = scope_of(target.state, newest.state, pools=target.registered.pools)
    with explained(), all_or_none(client, scope, report):
        ensure_blocks({}, slack_url)
        return go_back(client, target.registered, scope)


def go_back(client: Client, target: Registered, scope: Scope) -> Registered:
    """Make the server hold what it held once, but for what a person has turned since.

    Raises:
        NotRegistered: It holds something else all the same.
    """
    restore(client, turned_as(target, take(client, scope)), scope)
    now = take(client, scope)
    if left := unequal(without_turned(target), without_turned(now)):
        raise NotRegistered(f"the server holds something else: {', '.join(left)}")
    return now


@contextmanager
def explained() -> Generator[None]:
    """Raise `CommandFailed` where the server refuses, or can't be put back."""
    try:
        yield
    except NotPutBack as error:
        raise CommandFailed(
            f"what was there couldn't be put back: {error}\n"
            "./pipeline rollback --to <the newest record>"
            " makes the server hold what that tells"
        ) from error
    except (NotRegistered, PoolWrong, AutomationWrong, *REFUSALS) as error:
        raise CommandFailed(f"nothing was registered: {error}") from error


def drift(client: Client, last: Record | None, state: State) -> list[Change]:
    """List how the server differs from the last record, but for what a person may change."""
    recorded = last.registered if last else Registered()
    scope = scope_of(last.state if last else state, pools=recorded.pools)
    before, now = (
        {
            f"{kind.removesuffix('s')} {name}": one
            for kind, things in asdict(without_turned(registered)).items()
            for name, one in things.items()
        }
        for registered in (recorded, take(client, scope))
    )
    return changes(before, now)
