"""Deploys to a Prefect server, from a working copy whose prefect.yaml can be changed."""

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from moto import mock_aws
from prefect.client.orchestration import SyncPrefectClient

from cloud.deploy import deploy as deploying
from cloud.deploy import roll_back as rolling_back
from cloud.deploy import schedules as turning
from cloud.deploy.account import Account
from cloud.deploy.docker import Order
from cloud.deploy.outside import Outside
from cloud.deploy.registering import scope_of
from cloud.deploy.registry import Registry
from cloud.infra.environment import secret_keys
from cloud.infra.names import Names
from cloud.infra.settings import Settings
from cloud.plan.command import PlanInputs
from cloud.plan.records import Record
from cloud.plan.state import CONTROL
from cloud.pools.job import POOL_OF_FILE
from deployments.deployments import read_deployments
from deployments.registered import Registered, Scope, take
from deployments.rendering import rendered
from deployments.restoring import all_or_none
from deployments.server import opened
from local.console.prefect_api import api_at
from tests.clouds import ACCOUNT, here, made_outputs, own_settings, source

ROOT = Path(__file__).parents[3]
SERVICES = '"the image of the services"'  # its manifest, in the registry before any deploy
SECRET = "https://hooks.slack.com/services/T0/B0/not-to-be-seen"


@dataclass
class Story:
    """A working copy, the world outside of it, and what was pushed."""

    folder: Path
    url: str
    secret_arns: dict[str, str]
    pushed: list[str] = field(default_factory=list)
    minutes: int = 0
    tags: dict[str, str] = field(default_factory=dict[str, str])

    def deploy(self, given: PlanInputs, **asked: bool) -> Record | None:
        """`./pipeline deploy`."""
        return deploying.carry_out(given, self.outside(), **asked)

    def rollback(self, given: PlanInputs, **asked: Any) -> Record:
        """`./pipeline rollback`."""
        return rolling_back.carry_out(given, self.outside(), **asked)

    def turn_schedules(self, **asked: str) -> None:
        """`./pipeline schedule --env prod`."""
        here = self.given("c0ffee")
        turning.carry_out(here.settings, self.outside(), asked, here.outputs_folder)

    def given(self, commit: str, **sections: dict[str, Any]) -> PlanInputs:
        """A commit, whose image is made of something of its own."""
        tasks = {"image_digest": digest_of(SERVICES), **sections.pop("tasks", {})}
        settings = own_settings(tasks=tasks, **sections)
        outputs = made_outputs(settings).model_copy(update={"secret_arns": self.secret_arns})
        return here(self.folder, settings, outputs, source=source(commit, commit))

    def outside(self) -> Outside:
        """The world, with an empty shell; each look at the clock is a minute later."""
        return Outside(
            environment={},
            account=Account(boto3.Session(region_name="us-east-1")),
            registry=lambda outputs: Registry(
                outputs.image_repository, transport=httpx.MockTransport(self._manifest)
            ),
            push=self._push,
            server=lambda *_: opened(self.url, {}),
            api=lambda *_: api_at(self.url, {}),
            check=lambda: None,
            now=self._now,
        )

    def _push(self, _: Registry, order: Order, __: Callable[[str], None]) -> str:
        manifest = json.dumps(order.tag)
        self.pushed.append(manifest)
        return digest_of(manifest)

    def _manifest(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.path.rpartition("/")[2]
        if request.method == "PUT":
            self.tags[wanted] = request.read().decode()
            return httpx.Response(201)
        by_digest = {digest_of(one): one for one in [SERVICES, *self.pushed]}
        found = {**by_digest, **self.tags}.get(wanted)
        return httpx.Response(200, text=found) if found else httpx.Response(404)

    def _now(self) -> datetime:
        self.minutes += 1
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=self.minutes)

    def change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Edit prefect.yaml; the anchors in it are gone then."""
        wanted = yaml.safe_load((ROOT / "prefect.yaml").read_text())
        del wanted["definitions"]
        edit({one["name"]: one for one in wanted["deployments"]} | {"all": wanted})
        wanted["deployments"] = [one for one in wanted["deployments"] if "gone" not in one]
        (self.folder / "prefect.yaml").write_text(yaml.safe_dump(wanted))

    @contextmanager
    def server(self) -> Iterator[SyncPrefectClient]:
        """Prefect's server, past `./pipeline deploy`."""
        with opened(self.url, {}) as client:
            yield client

    def seen(self, record: Record) -> Registered:
        """Return what the server holds of the resources that a record names."""
        with self.server() as client:
            return take(client, scope_of(record.state, pools=record.state.pools))


def digest_of(manifest: str) -> str:
    """Return a manifest's digest as a registry names it."""
    return f"sha256:{sha256(manifest.encode()).hexdigest()}"


class Over(Exception):
    """The story is."""


@contextmanager
def telling(folder: Path, url: str) -> Iterator[Story]:
    """A story in a folder, in an account whose secrets have values; the server is put back."""
    (folder / "flows").symlink_to(ROOT / "flows")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with mock_aws(), suppress(Over), opened(url, {}) as client:
            story = Story(folder, url, keep_secrets(own_settings()))
            story.change(lambda _: None)
            with all_or_none(client, everything(), print):
                yield story
                raise Over
    for _ in range(2):  # here, where connections that nobody closed are known; one holds another
        gc.collect()


def everything() -> Scope:
    """All that a story makes."""
    names = rendered(read_deployments(dict.fromkeys((POOL_OF_FILE, CONTROL), POOL_OF_FILE)))
    return Scope(frozenset({POOL_OF_FILE, CONTROL}), frozenset(names))


def keep_secrets(settings: Settings) -> dict[str, str]:
    """Make the environment's secrets, with values; their ARNs."""
    client = boto3.client("secretsmanager", region_name=settings.stack.region)
    return {
        key: client.create_secret(Name=Names(settings).secret(key), SecretString=SECRET)["ARN"]
        for key in secret_keys(settings)
    }
