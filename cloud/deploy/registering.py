"""Tells Prefect's server what is deployed, all of it or nothing."""

import io
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from typing import Any

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

Say = Callable[[str], None]


class NotRegistered(Exception):
    """Prefect refused something, or holds something else than it was told."""


def scope_of(*states: State | None, pools: Iterable[str]) -> Scope:
    """Return the scope that we manage on a server: the states' deployments, and the pools."""
    deployments = {name for one in states if one for name in one.deployments}
    return Scope(frozenset(pools), frozenset(deployments))


def register(
    client: Client, config: PrefectConfig, wanted: State, last: Record | None, say: Say
) -> Registered:
    """Register everything, and delete deployments that were ours and aren't wanted any more.

    Returns:
        What the server holds then.

    Raises:
        CommandFailed: It couldn't, and holds what it did before.
    """
    scope = scope_of(wanted, last.state if last else None, pools=wanted.pools)
    with explained(), all_or_none(client, scope, say):
        _apply(client, config)
        remove_deployments(client, scope.deployments - wanted.deployments.keys())
        now = take(client, scope)
        if left := unlike(wanted.deployments, now):
            raise NotRegistered(f"the server holds something else: {', '.join(left)}")
    return now


def register_again(
    client: Client, target: Record, newest: Record, slack_url: str, say: Say
) -> Registered:
    """Make the server hold what a record tells, but for what a person has turned since.

    Raises:
        CommandFailed: It couldn't, and holds what it did before.
    """
    scope = scope_of(target.state, newest.state, pools=target.registered.pools)
    with explained(), all_or_none(client, scope, say):
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


def _apply(client: Client, config: PrefectConfig) -> None:
    """Tell everything; what Prefect's command prints is kept for when it fails."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            apply(client, config)
    except SystemExit as ended:
        last = printed.getvalue().rpartition("╯")[2].strip()  # under the frame of what was begun
        raise NotRegistered(last) from ended


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


def drift(client: Client, last: Record | None, wanted: State) -> list[Change]:
    """List how the server differs from the last record, but for what a person may change."""
    told = last.registered if last else Registered()
    scope = scope_of(last.state if last else wanted, pools=told.pools)
    before, now = (_plain(without_turned(one)) for one in (told, take(client, scope)))
    return changes(before, now)


def _plain(registered: Registered) -> Mapping[str, Any]:
    """All of it by kind and name."""
    return {
        f"{kind.removesuffix('s')} {name}": one
        for kind, things in asdict(registered).items()
        for name, one in things.items()
    }
