"""`.stack/env`: names, ports and passwords of a clone's stack, made once and kept."""

import json
import os
import stat
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from local.console.errors import CommandFailed
from local.stack.folder import FOLDER
from local.stack.settings import (
    PORTS,
    PORTS_A_CLONE,
    Stack,
    keep,
    kept_values,
    plan_reset,
    plan_stack,
    read_stack,
)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder for a clone, in which commands are typed."""

    def enter(name="clone"):
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / name)
        return tmp_path / name

    enter()
    return enter


def asked(**values):
    return {**values, "MAKE_VARIABLES": " ".join(values)}


def test_two_clones_share_neither_names_nor_ports_nor_passwords(clone):
    own = plan_stack({}).values
    clone("third")
    third = plan_stack({}).values
    clone("other")
    other = plan_stack({}).values
    theirs = {"COMPOSE_PROJECT", "FLOW_NETWORKS", "IMAGES", "FLOW_IMAGE", "POSTGRES_PASSWORD"}
    theirs |= {"NEXT_IMAGE", "WAREHOUSE_PASSWORD", "PREFECT_AUTH"}
    assert {name for name in theirs if own[name] == other[name]} == set()
    ports = [{values[f"{name}_PORT"] for name in PORTS} for values in (own, third, other)]
    # Of 1,000 blocks of ports, two clones may have the same one; make up says so then.
    assert any(one.isdisjoint(another) for one, another in pairwise(ports))


def test_a_new_service_takes_the_next_port_and_moves_no_other(clone):
    values = plan_stack({}).values
    offsets = [int(values[f"{name}_PORT"]) - int(values["PREFECT_PORT"]) for name in PORTS]
    assert offsets == list(range(len(PORTS)))
    first = ("PREFECT", "SCAN", "SLACK", "S3", "SNOWFLAKE", "HOME", "SNOWFLAKE_TLS", "DASHBOARD")
    assert PORTS[: len(first)] == first, "SERVICES of local/console/ports.py: append new ones"
    assert len(PORTS) <= PORTS_A_CLONE, "the next clone's ports begin there"


def test_a_stack_from_before_a_service_gets_its_port_and_keeps_the_others(clone):
    values = {**plan_stack(asked(SCAN_PORT="4321")).values}
    new = f"{PORTS[-1]}_PORT"
    keep(Stack({name: value for name, value in values.items() if name != new}))
    assert plan_stack({}).values == values


def test_nothing_is_kept_until_the_machine_was_found_fit(clone):
    plan_stack(asked(PREFECT_PORT="4200"))
    assert kept_values() == {}
    with pytest.raises(CommandFailed, match="make up starts one"):
        read_stack()


def test_a_port_that_was_chosen_stays_and_so_do_passwords(clone):
    keep(plan_stack(asked(PREFECT_PORT="4200")))
    again = plan_stack({}).values
    assert again == read_stack().values
    assert again["PREFECT_PORT"] == "4200"


def test_a_port_in_the_environment_is_that_of_an_account_elsewhere(clone):
    assert plan_stack({"SNOWFLAKE_PORT": "443"}).values["SNOWFLAKE_PORT"] != "443"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(clone, port):
    with pytest.raises(CommandFailed, match=f"SCAN_PORT={port}: expected a port"):
        plan_stack(asked(SCAN_PORT=port))


def test_a_second_scan_is_started_and_asked_as_long_as_it_is_wanted(clone):
    both = plan_stack(asked(SCANS="2")).values
    assert both["COMPOSE_PROFILES"] == "behind"
    assert both["CANTON_BASE_URL"].count("http://canton-scan") == 2
    one = plan_stack({}).values
    assert one["COMPOSE_PROFILES"] == ""
    assert one["CANTON_BASE_URL"] == "http://canton-scan:5012/api/scan"
    with pytest.raises(CommandFailed, match="SCANS=3: expected 1 or 2"):
        plan_stack(asked(SCANS="3"))


def test_a_dashboard_is_started_and_linked_as_long_as_it_is_wanted(clone):
    values = plan_stack(asked(SCANS="2", DASHBOARD="1")).values
    assert values["COMPOSE_PROFILES"] == "behind,dashboard"
    assert values["DASHBOARD_URL"] == "http://dashboard:8501"
    without = plan_stack({})
    assert (without.values["COMPOSE_PROFILES"], without.values["DASHBOARD_URL"]) == ("", "")
    assert not without.has_dashboard


REAL = {
    "CANTON_BASE_URL": "https://scan.example/api/scan",
    "CANTON_START_AT": "2026-11-20T00:00:00Z",
}


def test_flow_runs_have_a_way_out_only_while_a_real_scan_is_read(clone):
    mocked = plan_stack({}).values
    inside = f"{mocked['COMPOSE_PROJECT']}_default"
    assert json.loads(mocked["FLOW_NETWORKS"]) == [inside]
    assert (mocked["CANTON_START_AT"], mocked["CANTON_CLOCK"]) == ("genesis", "simulated")
    real = plan_stack(asked(**REAL))
    keep(real)
    egress = f"{mocked['COMPOSE_PROJECT']}_egress"
    assert json.loads(real.values["FLOW_NETWORKS"]) == [inside, egress]
    assert {name: real.values[name] for name in REAL} == REAL
    assert real.values["CANTON_CLOCK"] == "real"
    assert json.loads(plan_stack({}).values["FLOW_NETWORKS"]) == [inside]


def test_a_real_scan_is_named_on_the_command_line_alone(clone):
    assert "canton-scan" in plan_stack(REAL).values["CANTON_BASE_URL"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"CANTON_BASE_URL": REAL["CANTON_BASE_URL"]}, "a real Scan needs CANTON_START_AT="),
        ({"CANTON_START_AT": "genesis"}, "CANTON_START_AT is a real Scan's"),
        (REAL | {"SCANS": "2"}, "name one of them"),
        (REAL | {"CANTON_BASE_URL": "scan.example"}, r"CANTON_BASE_URL is no http\(s\) URL"),
        (REAL | {"CANTON_START_AT": "monday"}, "CANTON_START_AT"),
    ],
)
def test_half_a_real_scan_is_refused(clone, values, said):
    with pytest.raises(CommandFailed, match=said):
        plan_stack(asked(**values))


def test_a_ledger_begins_with_as_much_history_as_was_said_once(clone):
    assert plan_stack({}).values["HISTORY"] == "20000"
    assert plan_stack({}).values["ERA"] == "mixed"
    keep(plan_stack({"HISTORY": "2000", "ERA": "0.5.16"}))
    assert plan_stack({}).values["ERA"] == "0.5.16"
    with pytest.raises(CommandFailed, match="ERA=stone: expected one of mixed, fees, "):
        plan_stack({"ERA": "stone"})
    assert plan_stack({}).values["HISTORY"] == "2000"
    for wrong in ("9", "many"):
        with pytest.raises(CommandFailed, match=f"HISTORY={wrong}: expected a number from 10 on"):
            plan_stack({"HISTORY": wrong})


def test_runs_are_kept_as_long_as_was_said_last(clone):
    assert plan_stack({}).values["KEEP_RUNS"] == "14"
    keep(plan_stack({"KEEP_RUNS": "30"}))
    assert plan_stack({}).values["KEEP_RUNS"] == "30"
    assert plan_stack({"KEEP_RUNS": "7"}).values["KEEP_RUNS"] == "7"
    with pytest.raises(CommandFailed, match="KEEP_RUNS=1: expected a number of days from 2"):
        plan_stack({"KEEP_RUNS": "1"})


def test_what_a_flow_run_may_have_is_as_it_was_said_last(clone):
    assert plan_stack({}).values["FLOW_MEMORY"] == "1g"
    assert plan_stack({}).values["FLOW_CPUS"] == "2"
    keep(plan_stack({"FLOW_MEMORY": "2g", "FLOW_CPUS": "0.5"}))
    assert plan_stack({"FLOW_CPUS": "4"}).values["FLOW_MEMORY"] == "2g"
    assert plan_stack({}).values["FLOW_CPUS"] == "0.5"
    for wrong in ("2", "255m", "5g", "1.5g", "much"):
        with pytest.raises(CommandFailed, match=f"FLOW_MEMORY={wrong}: expected 256m to 4g"):
            plan_stack({"FLOW_MEMORY": wrong})
    for wrong in ("0", "-1", "all"):
        with pytest.raises(CommandFailed, match=f"FLOW_CPUS={wrong}: expected a number of cores"):
            plan_stack({"FLOW_CPUS": wrong})


def test_a_flow_runs_limits_may_stand_in_the_clones_env_file(clone):
    file = clone() / ".env"
    file.write_text("FLOW_MEMORY=2g\nFLOW_CPUS=\nHISTORY=10\nCANTON_PAGE_SIZE=7\n")
    values = plan_stack({}).values
    assert (values["FLOW_MEMORY"], values["FLOW_CPUS"]) == ("2g", "2")
    assert (values["HISTORY"], values["CANTON_PAGE_SIZE"]) == ("20000", "")
    assert plan_stack({"FLOW_MEMORY": "3g"}).values["FLOW_MEMORY"] == "3g"
    file.write_text("FLOW_MEMORY=9g\n")
    with pytest.raises(CommandFailed, match="FLOW_MEMORY=9g: expected 256m to 4g"):
        plan_stack({})
    plan_reset()


@pytest.mark.parametrize(
    ("tasks", "most"),
    [
        ("{flow: {cpu: 4096, memory: 8192}}", "8192"),
        ("{flow: {cpu: 1024, memory: 2048}}", "4096"),
        ("{flow: {memory: much}}", "4096"),
        ("[", "4096"),
    ],
)
def test_the_gate_lets_a_run_have_what_production_gives_one(clone, tasks, most):
    file = clone() / "cloud/infra/Pulumi.prod.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"config:\n  canton-pipeline:tasks: {tasks}\n")
    assert plan_stack({}).values["FLOW_MOST_MEMORY_MIB"] == most


def test_how_a_scan_is_asked_is_said_on_the_command_line_alone(clone):
    typed = {"MAKE_VARIABLES": "CANTON_PAGE_SIZE CANTON_REQUESTS_PER_SECOND"}
    asked = {"CANTON_PAGE_SIZE": "200", "CANTON_REQUESTS_PER_SECOND": "2"}
    limits = {**asked, "CANTON_TIMEOUT_SECONDS": ""}
    assert plan_stack({**asked, **typed}).values.items() >= limits.items()
    assert plan_stack(asked).values["CANTON_PAGE_SIZE"] == "", "exported, it is another's"
    with pytest.raises(CommandFailed, match=r"setting CANTON_PAGE_SIZE: .* less than or equal"):
        plan_stack({**typed, **asked, "CANTON_PAGE_SIZE": "2000"})


def test_a_copy_of_a_clone_may_not_touch_the_stack_of_the_original(clone):
    original = clone()
    keep(plan_stack({}))
    copy = clone("copy")
    os.renames(original / ".stack", copy / ".stack")
    assert read_stack().values["CLONE"] == str(original), "a clone that was moved keeps its stack"
    (original / ".stack").mkdir(parents=True)
    (original / ".stack" / "env").write_text((copy / ".stack" / "env").read_text())
    for read in (read_stack, lambda: plan_stack({})):
        with pytest.raises(CommandFailed, match=f"copy of the one in {original}"):
            read()


def test_passwords_are_for_their_owner_alone(clone):
    keep(plan_stack({}))
    assert stat.S_IMODE(os.stat(".stack/env").st_mode) == 0o600  # noqa: PTH116
    assert stat.S_IMODE(os.stat(".stack").st_mode) == 0o700  # noqa: PTH116


def test_code_is_mounted_unless_it_is_asked_not_to_be(clone):
    folder = clone()
    mounted = plan_stack({}).values
    assert mounted["FLOW_FOLDERS"] == f"{folder}/flows:{folder}/services"
    baked = plan_stack({"MOUNT": "0"}).values
    assert (baked["FLOW_FOLDERS"], baked["FLOW_VOLUMES"]) == ("", "[]")


def test_the_warehouse_has_a_key_that_stays(clone):
    keep(plan_stack({}))
    private, public = (FOLDER / name for name in ("warehouse_key", "warehouse_key.pub"))
    made = load_pem_private_key(private.read_bytes(), password=None)
    of_it = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert public.read_bytes() == of_it
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644  # another user reads it in its container
    keep(plan_stack({}))
    assert public.read_bytes() == of_it
