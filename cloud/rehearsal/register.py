"""The production pool and its deployments on the stack's Prefect server, and away again."""

import contextlib
import io

from cloud.deploy.registering import explained, go_back
from deployments.deployments import PrefectFile, deploy, read_deployments
from deployments.pools import Pool, ensure_pool
from deployments.registered import Registered, Scope, take
from deployments.rendering import rendered
from deployments.server import opened_here
from local.console.errors import CommandFailed
from local.console.prefect_api import ENDED, PrefectApi


def make_pool(pool: Pool) -> None:
    with opened_here() as client:
        ensure_pool(client, pool)


def make_deployments(pool: str) -> None:
    """Make the deployments of a pool; nothing else that deploying in production does.

    Automations, blocks and limits are the stack's own, and already there.

    Raises:
        CommandFailed: Prefect refused.
    """
    output = io.StringIO()
    try:
        with opened_here() as client, contextlib.redirect_stdout(output):
            deploy(client, at_rest(read_deployments({pool: pool})))
    except SystemExit as error:
        raise CommandFailed(f"prefect deploy failed:\n{output.getvalue()}") from error


def deploy_again(pool: Pool) -> Registered:
    """Deploy a pool and its deployments once more; what the server held of them before."""
    names = rendered(read_deployments({pool.name: pool.name}))
    with opened_here() as client:
        before = take(client, Scope(frozenset({pool.name}), frozenset(names)))
    make_pool(pool)
    make_deployments(pool.name)
    return before


def roll_back(target: Registered) -> None:
    """Make the server hold what it held before, as `./pipeline rollback` does."""
    scope = Scope(frozenset(target.pools), frozenset(target.deployments))
    with explained(), opened_here() as client:
        go_back(client, target, scope)


def at_rest(content: PrefectFile) -> PrefectFile:
    """The deployments, with schedules that rest: a rehearsal starts its runs itself."""

    def resting(deployment: PrefectFile) -> PrefectFile:
        schedules = [{**one, "active": False} for one in deployment.get("schedules", ())]
        return {**deployment, "schedules": schedules} if schedules else deployment

    return {**content, "deployments": [resting(one) for one in content["deployments"]]}


def withdraw(api: PrefectApi, pool: str) -> None:
    """Take deployments and pool away; runs that go on are cancelled, and stay to be read."""
    for run in api.newest_runs(pool, 20):
        if run["state_type"] not in ENDED:
            api.set_state(run["id"], "CANCELLED", "the rehearsal ended")
    for deployment in api.deployments():
        if deployment["work_pool_name"] == pool:
            api.delete(f"/deployments/{deployment['id']}")
    api.delete(f"/work_pools/{pool}")
