"""The work pool of the stack, whose runs are containers as deployments/containers.py describes.

Only defaults are set: a deployment or a run may choose otherwise, as far as the gate before Docker
lets it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from deployments import containers
from deployments.containers import FLOW_RUN, at
from deployments.pools import Pool, worker_template
from deployments.silence import silent_variables

TYPE: Final = "docker"


def docker_pool(environment: Mapping[str, str], cores: int) -> Pool:
    """The pool.

    Args:
        cores: The engine's; Docker refuses a container that may use more than there are.

    Raises:
        PoolWrong: Prefect's Docker worker isn't installed, or doesn't know one of the defaults.
    """
    template = worker_template(TYPE, defaults(environment, cores))
    # No swap, so that too much memory is seen at once, also for a run with a limit of its own.
    template["job_configuration"]["memswap_limit"] = "{{ mem_limit }}"
    return Pool(
        name=TYPE,
        type=TYPE,
        description="Each flow run is a container on the stack's network.",
        template=template,
    )


def defaults(environment: Mapping[str, str], cores: int) -> dict[str, Any]:
    return {
        "image": environment["FLOW_IMAGE"],  # an exact local tag: `latest` would be pulled
        "command": " ".join(containers.command(FLOW_RUN, TYPE)),
        # No registry is needed; a missing image crashes the run with a clear message.
        "image_pull_policy": "Never",
        # Where the services' names are known, without a way out; and one to a real Scan, if any.
        "networks": json.loads(environment["FLOW_NETWORKS"]),
        "auto_remove": True,  # a container that ended leaves nothing behind; its log is in Prefect
        # Never off: without it a killed container stays Running for ever.
        "stream_output": True,
        "mem_limit": environment["FLOW_MEMORY"],  # a run that needs more is killed alone
        "volumes": json.loads(environment["FLOW_VOLUMES"]),  # an edit shows in the next run
        "labels": _labels(environment["COMPOSE_PROJECT"]),
        "env": variables(environment),
        "container_create_kwargs": _hardening(environment, cores),
    }


def _hardening(environment: Mapping[str, str], cores: int) -> dict[str, Any]:
    home = at(TYPE, containers.HOME)
    refused = at(TYPE, containers.NEW_PRIVILEGES_REFUSED)
    return {
        "init": containers.INIT,
        "read_only": containers.READ_ONLY_ROOT,
        "tmpfs": {containers.SCRATCH: "", home: f"uid={containers.USER_ID}"},
        "cap_drop": list(containers.DROPPED_CAPABILITIES),
        "security_opt": ["no-new-privileges:true"] if refused else [],
        "nano_cpus": int(min(float(environment["FLOW_CPUS"]), cores) * 10**9),
        "pids_limit": at(TYPE, containers.PIDS),
    }


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a flow run, and what keeps it silent.

    Passwords and webhooks are references that the worker resolves for each run, so that the
    server's copy of the template holds none.
    """
    described = containers.environment(FLOW_RUN, TYPE, environment)
    references = {
        name: f"{{{{ prefect.blocks.secret.{block} }}}}"
        for name, block in described.secrets.items()
    }
    return {**described.values, **references, **silent_variables()}


def _labels(project: str) -> dict[str, str]:
    """Labels by which `docker compose ps` and `down` know a run; all five are needed."""
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": "flow-run",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": "flow-run",
    }
