"""The stack beside the cloud: what changes in one place alone is seen, and so is a vain reason."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cloud.infra import containers, environment, services
from cloud.infra.settings import read_settings
from cloud.parity import __main__ as command
from cloud.parity import cloud as ecs_facts
from cloud.parity import compare as parity
from cloud.parity.compare import Difference, Reason, all_stacks, compare, read_reasons, stale
from cloud.parity.facts import command_facts, plain
from cloud.parity.local import PASSWORDS, image_user
from cloud.pools import job
from local.stack.deploy import POOLS
from local.stack.settings import _passwords
from tests.clouds import changed

FILES = (
    "docker-compose.yml",
    "docker/Dockerfile",
    "deployments/pool.yaml",
    "mocks/snowflake/init.sql",
    "offline.env",
    "prefect.yaml",
    "local/stack/pool.yaml",
)
PROD = read_settings("prod")
CHANGES = yaml.safe_load(Path(__file__).with_name("changes.yaml").read_text())


@pytest.fixture
def clone(tmp_path):
    """The files that are compared, to be changed."""
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(parity.ROOT / file, tmp_path / file)
    return tmp_path


def change(clone, file, before, after):
    text = (clone / file).read_text()
    assert text.count(before) >= 1, f"{file} says {before!r} no more"
    (clone / file).write_text(text.replace(before, after))


def unexpected(settings=PROD, root=parity.ROOT):
    return {
        one.where: (one.local, one.cloud) for one in compare(settings, root) if one.reason is None
    }


def test_every_stack_differs_from_the_local_one_with_reason_only():
    found = {name: compare(settings) for name, settings in all_stacks().items()}
    assert found.keys() == {"dev", "prod", "prod on Prefect Cloud"}
    for name, differences in found.items():
        assert [one for one in differences if one.reason is None] == [], name
        assert len(differences) > 100
    everything = [one for differences in found.values() for one in differences]
    assert stale(read_reasons(parity.REASONS), everything) == []


@pytest.mark.parametrize("one", CHANGES, ids=lambda one: f"{one['file']}-{one['seen']}")
def test_what_changes_in_a_file_is_seen(clone, one):
    change(clone, one["file"], one["before"], one["after"])
    assert one["seen"] in unexpected(root=clone)


def test_what_changes_in_a_container_of_this_machine_alone_is_no_difference(clone):
    change(clone, "docker-compose.yml", "mem_limit: 96m", "mem_limit: 99m")
    assert unexpected(root=clone) == {}


def test_the_control_pool_is_the_same_file_for_both(clone):
    """Whatever it says, it says in both places; so it can't differ."""
    change(clone, "deployments/pool.yaml", "concurrency_limit: 1", "concurrency_limit: 2")
    assert unexpected(root=clone) == {}


LEGAL = [
    {"stack": {"name": "acme-ledger"}},
    {"stack": {"region": "eu-central-1"}, "network": {"zones": ["eu-central-1a", "eu-central-1b"]}},
    {"stack": {"account_id": "210987654321"}},
    {"stack": {"owner": "ledger team", "cost_center": "4711"}},
    {"stack": {"is_protected": False}},
    {"network": {"cidr": "172.20.0.0/20"}},
    {"network": {"zones": ["us-east-1a", "us-east-1c", "us-east-1d"]}},
    {"landing": {"bucket": "acme-landing", "cold_after_days": 30}},
    {"canton": {"base_url": "https://one.acme.com/api/scan,https://two.acme.com/api/scan"}},
    {"canton": {"start_at": "genesis"}},
    {"canton": {"network": "12202652aabb"}},
    {"tasks": {"flow": {"cpu": 4096, "memory": 8192}}},
    {"tasks": {"flow": {"cpu": 2048, "memory": 16384}}},
    {"tasks": {"worker": {"cpu": 512, "memory": 1024}, "control": {"cpu": 1024, "memory": 2048}}},
    {"tasks": {"scratch_mib": 128}},
    {"tasks": {"kept_images": 100}},
    {"tasks": {"image_digest": f"sha256:{'cd' * 32}"}},
    {"prefect": {"pool": "ledger"}},
    {"prefect": {"api": parity.PREFECT_CLOUD}},
    {"snowflake": {"organization": "ACME", "account": "LEDGER"}},
    {"snowflake": {"database": "LEDGER"}},
    {"snowflake": {"warehouse": "LEDGER_LOAD", "warehouse_size": "LARGE"}},
    {"snowflake": {"warehouse_size": "XSMALL"}},
    {"snowflake": {"statement_timeout_seconds": 3600}},
    {"snowflake": {"retention_days": 7, "suspend_after_seconds": 600}},
    {"logs": {"retention_days": 365}},
    {"alarms": {"late_after_minutes": 1440, "stale_after_minutes": 1440}},
]


@pytest.mark.parametrize("changes", LEGAL, ids=str)
def test_a_legal_setting_is_no_difference_that_needs_a_reason(changes):
    assert unexpected(changed(PROD, **changes)) == {}


def test_what_changes_in_the_containers_of_the_cloud_is_seen(monkeypatch):
    def hardened(settings):
        loose = hardening(settings)
        loose["linuxParameters"] |= {"capabilities": {"drop": []}, "sharedMemorySize": 64}
        return {**loose, "user": "0:0", "readonlyRootFilesystem": False, "privileged": True}

    hardening = containers.hardening
    monkeypatch.setattr(containers, "hardening", hardened)
    for role in ("flow run", "worker", "control worker", "prefect server"):
        assert unexpected().keys() >= {
            f"{role}: capabilities dropped",
            f"{role}: option privileged",
            f"{role}: option sharedMemorySize",
            f"{role}: root filesystem",
            f"{role}: user",
        }


@pytest.mark.parametrize(
    ("module", "name", "value", "where"),
    [
        (containers, "STOP_SECONDS", 30, "flow run: stop seconds"),
        (environment, "WORKER_OPTIONS", (), "worker: command --with-healthcheck"),
        (environment, "_RUN", {"A": "b"}, "flow run: variable A"),
        (services, "POSTGRES", "16", "prefect server: database"),
        (services, "SERVER_HEALTH", ("answers", "1"), "prefect server: health"),
        (services, "SERVER_PORT", 4201, "prefect server: port 4201"),
        (ecs_facts, "CONCURRENCY_LIMIT", 3, "pool of flow runs: concurrency"),
        (ecs_facts, "SCHEMAS", ("BRONZE",), "snowflake: schemas"),
        (job, "CONTAINER", "other", None),
    ],
)
def test_what_changes_in_the_code_of_the_cloud_is_seen(monkeypatch, module, name, value, where):
    monkeypatch.setattr(module, name, value)
    found = unexpected()
    assert (where in found) if where else not found


def test_a_reason_that_explains_nothing_fails(clone, capsys, monkeypatch):
    entries = [
        *yaml.safe_load(command.REASONS.read_text()),
        {"where": "moon: phase", "reason": "x"},
    ]
    monkeypatch.setattr(command, "REASONS", clone / "differences.yaml")
    command.REASONS.write_text(yaml.safe_dump(entries))
    assert command.main(["--quiet"]) == 1
    said = capsys.readouterr().out
    assert "differences.yaml explains what is no difference: moon: phase: x" in said


def test_a_reason_that_is_taken_away_fails(clone, capsys, monkeypatch):
    entries = yaml.safe_load(command.REASONS.read_text())
    monkeypatch.setattr(command, "REASONS", clone / "differences.yaml")
    command.REASONS.write_text(yaml.safe_dump(entries[1:]))
    assert command.main(["--quiet"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"dev and local: \d+ differences, 4 without a reason", said)
    assert "    worker: image: ${FLOW_IMAGE} | 1111" in said


def test_all_of_it_is_printed_with_its_reasons(capsys):
    assert command.main([]) == 0
    said = capsys.readouterr().out
    assert (
        "  A key takes its place.\n    flow run: variable SNOWFLAKE_PASSWORD: a secret | -" in said
    )


def test_a_reason_of_one_value_is_none_for_another():
    reason = Reason("worker: memory", "256 MiB", "*", "measured")
    found = Difference("worker: memory", "256 MiB", "512 MiB")
    assert reason.explains(found)
    assert not reason.explains(replace(found, local="128 MiB"))
    assert not reason.explains(replace(found, where="flow run: memory"))


def test_no_secret_is_told(capsys):
    """None of the values that the stack draws is known here, and each place of one says so."""
    command.main([])
    told = capsys.readouterr().out
    assert all(name not in told for name in PASSWORDS)


def test_passwords_and_pools_are_those_of_the_stack():
    assert {*PASSWORDS} == {*_passwords()}
    assert parity.local_facts.__globals__["POOLS"] == POOLS


def test_the_images_user_is_read_as_numbers():
    assert image_user(Path("docker/Dockerfile").read_text()) == containers.USER


def test_options_of_a_command_are_told_apart_from_its_words():
    assert command_facts(["a", "b", "--to", "c", "--loudly", "--times", "2"]) == {
        "command": "a b",
        "command --to": "c",
        "command --loudly": "given",
        "command --times": "2",
    }
    assert plain({"a": [1, True], "b": {"c": "d"}}) == "a: 1, yes, b: c: d"


def test_neither_pulumi_nor_prefect_is_imported():
    """They take seconds, and `make check` runs this."""
    code = (
        "import cloud.parity.compare, sys; print({'prefect', 'pulumi', 'boto3'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
