"""Each container as Docker, ECS and Kubernetes get it: the same but for what is said to differ."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from cloud.infra import services
from cloud.infra.containers import Made, define
from cloud.infra.environment import DATABASE_PASSWORD, client_environment, flow_environment
from cloud.infra.names import SCHEMAS, STAGE
from cloud.infra.settings import ServerSettings, read_settings
from cloud.outputs import placeholder_outputs
from cloud.plan.beside_local import compared
from cloud.plan.state import planned_config
from cloud.pools import job
from cloud.rehearsal import rehearse
from deployments import containers
from deployments.containers import CONTROL, FLOW_RUN, OWN, SERVER, WORKER, ByPlatform, at
from deployments.deployments import names_by_module, read_deployments
from deployments.silence import silent_variables
from local.console.errors import CommandFailed
from local.stack.choices import MOST_MEMORY_MIB, most_memory_mib
from local.stack.deploy import POOLS
from local.stack.pool import defaults
from local.stack.settings import Stack, unkept_stack
from tests import deploy_job
from tests.clouds import changed
from tests.deploy_job import COMPOSE

SILENT = silent_variables()
DOCKERFILE = Path("docker/Dockerfile").read_text()
KUBERNETES = yaml.safe_load(Path("cloud/pools/kubernetes.yaml").read_text())
ROLES = {"prefect-worker": WORKER, "control-worker": CONTROL, "prefect-server": SERVER}


@pytest.fixture
def on_docker():
    return defaults(deploy_job.GIVEN, cores=2)


@pytest.fixture
def on_ecs(settings, outputs):
    return job.container_definition(settings, outputs, "{{ image }}")


@pytest.fixture
def pod():
    return KUBERNETES["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]


def names(place, container):
    """The variables and secrets that a place has of a container, always or perhaps."""
    described = {**container.variables, **container.secrets}
    return {name for name, value in described.items() if at(place, value) is not None}


def named(definition):
    return {one["name"] for one in [*definition["environment"], *definition["secrets"]]}


def test_a_flow_run_is_the_same_container_everywhere(on_docker, on_ecs, pod):
    (on_kubernetes,) = pod["containers"]
    created, allowed = on_docker["container_create_kwargs"], on_kubernetes["securityContext"]
    linux = on_ecs["linuxParameters"]
    assert on_docker["image"] == deploy_job.GIVEN["FLOW_IMAGE"]
    assert on_ecs["image"] == on_kubernetes["image"] == "{{ image }}"

    assert on_docker["command"].split() == [*at("docker", FLOW_RUN.command)]
    assert on_ecs["command"] == [*at("ecs", FLOW_RUN.command)]
    assert on_kubernetes["args"] == "{{ command }}", "the worker's, as on ECS"
    assert "command" not in KUBERNETES["defaults"]

    user = re.search(r"useradd --uid (\d+) .*\bapp$", DOCKERFILE, re.MULTILINE)[1]
    assert DOCKERFILE.count("\nUSER app") > 0
    assert f"{user}:{user}" == on_ecs["user"] == containers.USER
    security = pod["securityContext"]
    assert f"{security['runAsUser']}:{security['runAsGroup']}" == containers.USER

    read_only = (created["read_only"], on_ecs["readonlyRootFilesystem"])
    assert (*read_only, allowed["readOnlyRootFilesystem"]) == (True, True, True)
    dropped = (created["cap_drop"], linux["capabilities"]["drop"], allowed["capabilities"]["drop"])
    assert dropped == (["ALL"], ["ALL"], ["ALL"])
    assert (created["init"], linux["initProcessEnabled"]) == (True, True)
    assert [one["containerPath"] for one in linux["tmpfs"]] == [containers.SCRATCH]
    assert {*created["tmpfs"]} == {containers.SCRATCH, "/data"}
    assert created["security_opt"] == ["no-new-privileges:true"]
    assert allowed["allowPrivilegeEscalation"] is False
    assert pod["terminationGracePeriodSeconds"] == on_ecs["stopTimeout"] == 60


def test_a_flow_run_has_the_variables_and_secrets_that_are_described(on_docker, on_ecs, settings):
    own = {*on_docker["env"]} - {*SILENT}  # Compose gives all of them
    assert own == names("docker", FLOW_RUN) - {*SILENT}
    unused = "PREFECT_API_KEY"
    if not isinstance(settings.prefect.api, ServerSettings):
        unused = "PREFECT_API_AUTH_STRING"
    perhaps = {unused, "CANTON_NETWORK", *containers.SCAN_LIMITS}
    assert settings.canton.network is None, "those of the repository name none"
    assert named(on_ecs) == names("ecs", FLOW_RUN) - perhaps
    only = {name for name, value in FLOW_RUN.variables.items() if isinstance(value, ByPlatform)}
    only |= {name for name, value in FLOW_RUN.secrets.items() if isinstance(value, ByPlatform)}
    assert {*own ^ (named(on_ecs) | perhaps)} <= only | {*SILENT}


def test_a_constant_is_the_same_in_both_places(on_docker, on_ecs):
    values = {one["name"]: one["value"] for one in on_ecs["environment"]}
    constant = {name: one for name, one in FLOW_RUN.variables.items() if isinstance(one, str)}
    assert len(constant) > 3
    assert values.items() >= constant.items()
    assert on_docker["env"].items() >= constant.items()


@pytest.mark.parametrize("service", ROLES)
def test_compose_says_of_a_service_what_is_described(service):
    said, container = COMPOSE["services"][service], ROLES[service]
    assert said["image"] == "${FLOW_IMAGE}"
    assert said["command"] == containers.command(container, "docker", pool="docker")
    assert said["healthcheck"]["test"] == ["CMD", "healthy", *container.health]

    kept = {name for name in container.secrets if at("docker", container.secrets[name])}
    variables = {**SILENT, **said["environment"]}
    assert {*said["environment"]} | {*SILENT} == names("docker", container) | {*SILENT}
    assert all("${" in said["environment"][name] for name in kept), "a secret is no value"
    for name, variable in container.variables.items():
        value = at("docker", variable)
        if value is not None and value is not OWN:
            assert variables[name] == value, name


@pytest.mark.parametrize("service", [*COMPOSE["services"]])
def test_compose_hardens_every_service_as_it_is_described(service):
    said = COMPOSE["services"][service]
    assert (said["read_only"], said["init"]) == (containers.READ_ONLY_ROOT, containers.INIT)
    assert said["cap_drop"] == [*containers.DROPPED_CAPABILITIES]
    assert "no-new-privileges:true" in said["security_opt"]
    assert "stop_grace_period" not in said, "Docker's default is what is described"
    if service in ROLES:
        volumes = {one.split(":")[1] for one in said.get("volumes", ())}
        mounted = {one.partition(":")[0] for one in said["tmpfs"]} | volumes
        assert mounted == {containers.SCRATCH, at("docker", containers.HOME)}
    if service != "tests":  # which forks two of everything
        assert said["pids_limit"] == at("docker", containers.PIDS)
    if probe := said.get("healthcheck"):
        described = containers.HEALTH
        assert (probe["interval"], probe["timeout"], probe["retries"], probe["start_period"]) == (
            f"{described.interval.docker}s",
            f"{described.timeout.docker}s",
            described.retries,
            f"{described.start_period}s",
        )


def test_services_on_ecs_are_what_is_described(settings, outputs):
    arns = {**outputs.secret_arns, DATABASE_PASSWORD: "arn"}
    made = Made("image", arns, "log")
    there = [
        (WORKER, services.worker(settings, made)),
        (CONTROL, services.control_worker(settings, made)),
    ]
    if isinstance(settings.prefect.api, ServerSettings):
        there += [(SERVER, services.server(settings, made, "database"))]
    for container, built in there:
        definition = define(settings, built)
        unused = {"PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"} - named(definition)
        assert named(definition) == names("ecs", container) - unused, container.name
        pool = settings.prefect.pool
        assert definition["command"] == containers.command(container, "ecs", pool=pool)
        assert definition["healthCheck"]["command"] == ["CMD", "healthy", *container.health]
        assert definition["user"] == containers.USER


def test_a_place_that_gives_a_variable_no_value_is_noticed():
    with pytest.raises(KeyError, match="CANTON_BASE_URL"):
        containers.environment(FLOW_RUN, "docker", {"AWS_REGION": "x", "PREFECT_API_URL": "x",
                                                    "PREFECT_UI_URL": "x"})  # fmt: skip


def test_every_difference_has_its_reason_and_is_one():
    found = [*containers.differences()]
    assert len(found) > 50
    assert all(one.why.endswith(".") and one.docker != one.ecs for one in found)
    shown = {one.where: (one.docker, one.ecs) for one in found}
    assert shown["every container: stop seconds"] == ("10", "60")
    assert shown["worker: PYTHONPATH"] == ("-", "/app:/ecs")
    assert shown["flow run: CANTON_CLOCK"] == ("its own", "-")


def test_each_run_in_the_cloud_keeps_the_digest_of_its_image(settings, outputs):
    config = planned_config(settings, outputs, "registry/pipeline@sha256:ab", "")
    assert {one["version"] for one in config.deployments["deployments"]} == {"sha256:ab"}


def test_a_plan_tells_the_secrets_that_a_stack_has(settings, outputs):
    config = planned_config(settings, outputs, "image", "")
    told = {one.where: one.ecs for one in compared(settings, config).differences}
    for where, environment in (
        ("flow run", flow_environment(settings)),
        ("control worker", client_environment(settings)),
    ):
        for name in ("PREFECT_API_AUTH_STRING", "PREFECT_API_KEY"):
            says = told.get(f"{where}: {name}", "as on the stack")
            on_stack = where == "control worker" and name == "PREFECT_API_AUTH_STRING"
            if name in environment.secrets:
                assert says == ("as on the stack" if on_stack else environment.secrets[name])
            else:
                assert says == ("-" if on_stack else "as on the stack")


def test_the_gate_lets_a_run_have_what_make_up_takes():
    gate = COMPOSE["services"]["docker-gate"]["environment"]
    assert gate["FLOW_MOST_MEMORY_MIB"] == "${FLOW_MOST_MEMORY_MIB}"
    allowed = int(unkept_stack({}).values["FLOW_MOST_MEMORY_MIB"])
    assert allowed == most_memory_mib() >= MOST_MEMORY_MIB
    wanted = read_settings("prod").tasks.flow.memory
    assert allowed == max(MOST_MEMORY_MIB, wanted), "one setting: tasks.flow of Pulumi.prod.yaml"


def test_a_rehearsal_beside_a_stack_from_before_that_setting_says_what_to_type():
    stack = Stack({**unkept_stack({}).values, "FLOW_MOST_MEMORY_MIB": "2048"})
    with pytest.raises(CommandFailed, match=r"prod gives a flow run 4096 MiB, .* 2048: make up"):
        rehearse.run(SimpleNamespace(stack=stack), {})


# --- Beside the containers: the same deployments, the same database, the same names for the SQL ---


def test_the_same_flows_are_deployed_in_both_places():
    here = read_deployments(POOLS)
    there = read_deployments({job.POOL_OF_FILE: "docker", "control": "control"})

    def plain(wanted):
        modules = {name: module for module, name in names_by_module(wanted).items()}
        return {
            modules[one["name"]]: {k: v for k, v in one.items() if k != "name"}
            for one in wanted["deployments"]
        }

    here, there = plain(here), plain(there)
    # The full hour is what the deploy command of production says.
    hours = [one["bronze_transactions"].pop("schedules")[0] for one in (here, there)]
    assert [one["cron"] for one in hours] == ["5 * * * *", "0 * * * *"]
    assert not any(one["active"] for one in hours)
    assert here == there


def test_postgres_is_of_the_same_version():
    assert re.search(r"\bpostgresql-(\d+)\b", DOCKERFILE)[1] == services.POSTGRES


def test_the_sql_finds_the_same_schemas_and_stage():
    script = Path("mocks/snowflake/init.sql").read_text()
    made = re.findall(r"create schema if not exists \w+\.(\w+)", script)
    assert sorted(made) == sorted(SCHEMAS)
    assert re.search(r"stage \w+\.([\w.]+)", script)[1] == f"BRONZE.{STAGE}"


def test_a_pool_of_another_name_changes_nothing_but_the_workers_command():
    settings = changed(read_settings("prod"), prefect={"pool": "ledger"})
    outputs = placeholder_outputs(settings)
    worker = services.worker(settings, Made("image", outputs.secret_arns, "log"))
    assert worker.command[worker.command.index("--pool") + 1] == "ledger"
