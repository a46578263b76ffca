"""Starting and stopping the stack."""

import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from local.console.ending import message_when_stopped
from local.console.errors import CommandFailed
from local.console.formats import this_revision
from local.console.person import confirmed
from local.console.ports import SERVICES
from local.console.variables import is_on, state_root
from local.stack.choices import DASHBOARD, PROFILES
from local.stack.compose import UP, ComposeFailed, compose, containers, remove_flow_runs
from local.stack.egress import open_egress
from local.stack.engine import docker, engine, labelled
from local.stack.folder import FOLDER, refuse_half_restored
from local.stack.lock import exclusive
from local.stack.settings import Stack, keep, kept_values, plan_reset, plan_stack, read_stack, sign
from local.stack.start import check_machine, start
from services.tables import print_table

_STOP_SECONDS = "15"
_GONE = ("No such container", "is already in progress")  # Docker's errors for one that just ended
_MORE = {
    "HOME": ": lineage, freshness, runs, quality, alerts",
    "S3": " (AWS_ENDPOINT_URL_S3; both keys are `local`)",
    "SNOWFLAKE": " (SNOWFLAKE_PORT, http)",
    "SNOWFLAKE_TLS": " (for clients that trust http://…/certificate)",
}


def up(environment: Mapping[str, str]) -> int:
    began = time.monotonic()
    with exclusive("up"):
        refuse_half_restored()
        stack = plan_stack(environment)
        check_machine(stack)
        keep(stack)
        with message_when_stopped(
            "stopped half way: make up goes on, make down stops what has started"
        ):
            _build(stack)
            open_egress(stack.values)
            start(stack.project)
            remove_unwanted(stack)
        sign(stack, this_revision())
        UP.touch()
    print(f"up, and the pipeline is deployed, in {time.monotonic() - began:.1f} s\n")
    print_addresses(stack)
    print("\nmake trigger runs the pipeline; make down stops everything and keeps the data")
    return 0


def remove_unwanted(stack: Stack) -> None:
    """Remove the services of profiles that this start is without; Compose would let them run on."""
    profiles = stack.values["COMPOSE_PROFILES"].split(",")
    running = containers()
    for profile, service in PROFILES.items():
        if profile not in profiles and service in running:
            compose("--profile", profile, "rm", "--stop", "--force", service)


def images(environment: Mapping[str, str]) -> int:
    with exclusive("images"):
        stack = plan_stack(environment)
        engine()
        keep(stack)
        _build(stack, "--profile", "tests", "--profile", DASHBOARD)
    return 0


def _build(stack: Stack, *options: str) -> None:
    if subprocess.run(["tools/base-image", stack.values["BASE_IMAGE"]], check=False).returncode:
        raise CommandFailed("without a base image nothing can be built")
    print("building… (minutes the first time, seconds later)", flush=True)
    compose(*options, "build", "--quiet")


def print_addresses(stack: Stack) -> None:
    names = sorted(SERVICES, key=lambda name: name != "HOME")  # where people begin
    if not stack.has_dashboard:
        names.remove(DASHBOARD.upper())
    print_table(
        [{"address": stack.url(one), "what": SERVICES[one] + _MORE.get(one, "")} for one in names]
    )
    name, _, password = stack.values["PREFECT_AUTH"].partition(":")
    print(f"Prefect's page asks for {name}:{password}")


def down(_: Mapping[str, str]) -> int:
    with exclusive("down"):
        _stop(read_stack().project)
        UP.unlink(missing_ok=True)
    print("down; the data is kept, make up goes on from there")
    return 0


def reset(environment: Mapping[str, str]) -> int:
    stack = plan_reset()
    kinds = ["container", "volume", "network", *(["image"] if is_on("IMAGES", environment) else [])]
    if not kept_values() and not any(labelled(kind, stack.project) for kind in kinds):
        print("nothing to reset")
        return 0
    if not confirmed(
        f"all data of the stack {stack.project}: objects, tables, runs, passwords", environment
    ):
        return 1
    with exclusive("reset"):
        keep(stack)
        with suppress(ComposeFailed):  # such as for what a newer version wrote into .stack/env
            _stop(stack.project, "--volumes")
        for kind in kinds:  # what this compose file doesn't name, or no longer
            if left := labelled(kind, stack.project):
                docker(kind, "rm", "--force", *left)
        shutil.rmtree(FOLDER)
    print("deleted; the next make up starts over")
    if (root := state_root(environment)).exists():
        print(f"{root}, the state of make run, is kept: make reset AT=embedded deletes it")
    if images := labelled("image", stack.project):
        print(f"{len(images)} images are kept for it: make reset AT=stack IMAGES=1 deletes them")
        return 0
    rows = docker("system", "df", "--format", "{{.Type}}\t{{.Size}}").splitlines()
    size = dict(row.split("\t") for row in rows).get("Build Cache", "0B")
    if size != "0B":
        print(
            f"Docker's build cache ({size}) is kept: docker builder prune deletes it, that of other"
            " clones and projects as well"
        )
    return 0


def _stop(project: str, *options: str) -> None:
    """Stop and remove all containers.

    A flow run that ends meanwhile takes its container away, and Compose, which was about to stop
    it, gives up half way; so flow runs are removed then, and it begins once more.
    """
    command = ("down", "--timeout", _STOP_SECONDS, "--remove-orphans", *options)
    with message_when_stopped("stopped half way: the same command goes on"):
        try:
            compose(*command)
        except ComposeFailed as error:
            if not any(word in str(error) for word in _GONE):
                raise
            remove_flow_runs(project)
            compose(*command)
