"""The stack's names, ports and passwords, kept in ``.stack/env``.

Made at the first start and kept: names and ports follow the folder of the clone, so that two clones
run side by side; passwords are drawn. docker-compose.yml reads all of it.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.console import retention
from local.console.build_settings import build_settings
from local.console.errors import CommandFailed
from local.console.files import write_private
from local.console.ports import SERVICES, read_port
from local.console.variables import typed_names
from local.stack.choices import (
    ERA,
    FLOW_CPUS,
    FLOW_MEMORY,
    HISTORY,
    kept_options,
    limits_of_file,
    most_memory_mib,
    start_options,
)
from local.stack.egress import flow_networks
from local.stack.folder import FOLDER, FORMAT, MADE_BY, NUMBER, refuse_other_version

PORTS = tuple(SERVICES)
DEBUG_PORT = "5688"  # not by the folder: .vscode/launch.json knows it
_IN_A_ROW = {"DEBUG_PORT": 2}  # the rules' is the next one: RULES_PORT
FIRST_PORT, SLOTS = 20_000, 1_000
PORTS_A_CLONE = 10  # a service to come takes the next one, and shifts no other
_COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
WAREHOUSE_KEY = FOLDER / "warehouse_key"
NO_CERTIFICATES = FOLDER / "no-certificates"  # an empty file, for Compose, which wants one
SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Stack:
    """A clone's stack: every variable of docker-compose.yml."""

    values: Mapping[str, str]

    @property
    def project(self) -> str:
        return self.values["COMPOSE_PROJECT"]

    @property
    def mounted(self) -> list[str]:
        """The folders of this clone that flow runs see."""
        return [name for name in self.values["FLOW_FOLDERS"].split(":") if name]

    @property
    def has_dashboard(self) -> bool:
        return bool(self.values.get("DASHBOARD_URL"))

    def url(self, service: str) -> str:
        scheme = "https" if service.endswith("_TLS") else "http"
        return f"{scheme}://127.0.0.1:{self.values[f'{service.upper()}_PORT']}"


def plan_stack(environment: Mapping[str, str]) -> Stack:
    """The clone's stack as `make up` shall start it; `keep` writes it down.

    A flow run's limits may stand in `.env`. A port that was chosen once stays. It is taken from the
    command line alone: SNOWFLAKE_PORT in the environment may well be that of a person's own
    account.

    Raises:
        CommandFailed: A port or a choice is none, or the folder `.stack` is another clone's, of
            another version, or broken.
    """
    kept = kept_values()
    _refuse_copy(kept, Path.cwd())
    if kept:
        refuse_other_version(kept)
    return _planned(kept, {**limits_of_file(Path(".env")), **environment})


def plan_reset() -> Stack:
    """The clone's stack as far as it is known: to delete it, it needs not be of this version.

    Raises:
        CommandFailed: The folder `.stack` is another clone's.
    """
    kept = kept_values()
    _refuse_copy(kept, Path.cwd())
    return _planned({name: value for name, value in kept.items() if value}, {})


def unkept_stack(environment: Mapping[str, str]) -> Stack:
    return _planned({}, environment)


def _planned(kept: Mapping[str, str], environment: Mapping[str, str]) -> Stack:
    root = Path.cwd()
    requested = {
        name: str(read_port(name, environment[name], in_a_row=_IN_A_ROW.get(name, 1)))
        for name in typed_names(environment)
        if name.removesuffix("_PORT") in {*PORTS, "DEBUG"}
    }
    requested |= kept_options(environment)
    anew = {**start_options(root, environment), **of_machine(environment)}
    new = {
        **_names(root),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "WAREHOUSE_PASSWORD": secrets.token_urlsafe(24),
        "PREFECT_AUTH": f"admin:{secrets.token_urlsafe(18)}",
        "HISTORY": HISTORY, "ERA": ERA, retention.VARIABLE: retention.DAYS,
        "FLOW_MEMORY": FLOW_MEMORY, "FLOW_CPUS": FLOW_CPUS,
        NUMBER: str(FORMAT),
    }  # fmt: skip
    values = {**new, **kept, **requested, **anew}
    return Stack(
        {
            **values,
            "RULES_PORT": str(int(values["DEBUG_PORT"]) + 1),
            "FLOW_NETWORKS": flow_networks(values),
            "FLOW_MOST_MEMORY_MIB": str(most_memory_mib()),
        }
    )


def keep(stack: Stack) -> None:
    """Write the stack down, for Compose and for the commands after this one."""
    write_private(NO_CERTIFICATES, "")
    write_private(FOLDER / "env", "".join(f"{k}={v}\n" for k, v in stack.values.items()))
    write_private(FOLDER / "postgres_password", stack.values["POSTGRES_PASSWORD"], mode=0o644)
    if not WAREHOUSE_KEY.exists():
        _make_key()


def _make_key() -> None:
    """The warehouse takes a password and a key: a rehearsal logs in with it, as on AWS."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 -- used once
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    write_private(WAREHOUSE_KEY.with_suffix(".pub"), public.decode(), mode=0o644)
    write_private(WAREHOUSE_KEY, private.decode())


def read_stack() -> Stack:
    """The clone's stack as it was started; what this version wants beyond that is filled in.

    Raises:
        CommandFailed: None was, or it is of another version, or broken.
    """
    kept = kept_values()
    if not kept:
        raise CommandFailed("there is no stack here: make up starts one")
    _refuse_copy(kept, Path.cwd())
    refuse_other_version(kept)
    values = {NUMBER: str(FORMAT), **kept}
    if not set(re.findall(r"\$\{(\w+)", _COMPOSE.read_text())) <= values.keys():
        values = {**_planned(values, {}).values, **values}
    stack = Stack(values)
    if stack.values != kept:
        keep(stack)
    return stack


def sign(stack: Stack, revision: str) -> None:
    """Write down that a revision uses the stack, once every service took over its state."""
    keep(Stack({**stack.values, MADE_BY: revision}))


def kept_values() -> dict[str, str]:
    """Return the variables in `.stack/env`; empty before the first start."""
    file = FOLDER / "env"
    if not file.exists():
        return {}
    lines = file.read_text(errors="replace").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _refuse_copy(kept: Mapping[str, str], root: Path) -> None:
    """A clone that was copied with its `.stack` would start, and delete, the other one's stack."""
    origin = Path(kept.get("CLONE", root))
    if origin != root and (origin / FOLDER / "env").exists():
        raise CommandFailed(
            f"{FOLDER} is a copy of the one in {origin}, and so means the stack there:"
            f" delete {root / FOLDER}, and make up starts one of this clone's own"
        )


def project_of(root: Path) -> str:
    return f"canton-{hashlib.sha256(str(root).encode()).hexdigest()[:6]}"


def _names(root: Path) -> dict[str, str]:
    digest, project = hashlib.sha256(str(root).encode()).hexdigest(), project_of(root)
    first = FIRST_PORT + int(digest[:8], 16) % SLOTS * PORTS_A_CLONE
    return {
        "CLONE": str(root),
        "COMPOSE_PROJECT": project,
        "IMAGES": project,
        "FLOW_IMAGE": f"{project}/pipeline:local",
        "NEXT_IMAGE": f"{project}/pipeline:next",  # there while ./pipeline rehearse deploys it
        "DEBUG_PORT": DEBUG_PORT,
        **{f"{name}_PORT": str(first + number) for number, name in enumerate(PORTS)},
    }


def of_machine(environment: Mapping[str, str]) -> dict[str, str]:
    """The machine's settings as variables of docker-compose.yml, as they are at this start."""
    found = build_settings(environment)
    return {
        **found,
        "CA_FILE": found["CA_FILE"] or str(NO_CERTIFICATES.absolute()),
        "DOCKER_SOCKET": SOCKET,
        "DOCKER_GID": str(Path(SOCKET).stat().st_gid) if Path(SOCKET).exists() else "0",
    }
