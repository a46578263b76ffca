"""docs/cloud.md, followed from its first command by somebody who has nothing but a clone.

AWS is an emulator behind the profile that the document has exported first; Pulumi hands out what
the program made there; the local Snowflake stands at the end of the migrations.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cloud.infra.digest import digest
from cloud.infra.emulator.apply import apply
from cloud.infra.graph import Graph, record
from cloud.infra.names import Names
from cloud.infra.settings import PROJECT, Settings, read_settings
from local.embedded.children import Children
from tests.clone import ROOT, copy_tree
from tests.clouds import OWN, OWN_API
from tests.contract.snowflake.server import LocalSnowflake, start
from tests.infra.cloudwatch import state
from tests.infra.conftest import start_emulator
from tests.infra.reading import Shell
from tests.unit.docs.documents import Document

DOCUMENT = Document(ROOT / "docs/cloud.md")
TOOLS = ROOT / ".venv" / "aws"
WEBHOOK = "https://hooks.slack.com/services/T0/B0/pasted"
# What a reader puts in the place of the document's examples.
FILLED_IN = {"AWS_PROFILE=…": "AWS_PROFILE=acme", "SNOWFLAKE_USER=…": "SNOWFLAKE_USER=ADA"}
# Blocks that nobody can type here, by what they begin with, and why.
NOT_TYPED = {
    ".venv/bin/prefect deploy": "tests/cloud/server/test_prefect_deploy.py types it",
    "export PREFECT_API_URL": "a run needs the server and the tasks that AWS starts",
    "./pipeline schedule": "deploy and schedule refuse an emulator: tests/cloud/server",
    "export SNOWFLAKE_ACCOUNT": "what runs refused: tests/integration/test_quarantine.py types it",
    "read -rs key": "Prefect Cloud takes the place of a server of one's own",
}
PULUMI = """#!/bin/bash
# Pulumi as far as the document types it: refuses what it would refuse, and says what was made.
set -eu
echo "pulumi $*" >>"$RECORDED"
case "$*" in
"login s3://"*"?region=us-east-1") ;;
"stack init prod --secrets-provider awskms:///arn:aws:kms:"*"?region=us-east-1")
    printf 'secretsprovider: %s\\nencryptedkey: AQICAHg=\\n' "${@: -1}" >>Pulumi.prod.yaml ;;
"preview --policy-pack policies" | "up --policy-pack policies")
    test -d policies && test "$SNOWFLAKE_ROLE" = ACCOUNTADMIN
    openssl pkey -noout <<<"$SNOWFLAKE_PRIVATE_KEY" ;;
"stack output egress_ip") "$PYTHON" -c 'import json, os
print(json.load(open(os.environ["MADE"]))["egress_ip"])' ;;
"stack output --json --stack prod") cat "$MADE" ;;
*) echo "error: unknown command: pulumi $*" && exit 255 ;;
esac
"""
AWS = """#!/bin/bash
# AWS's own command; a session needs a machine with an agent, which no emulator has.
[ "$1 $2" = "ssm start-session" ] && { echo "aws $*" >>"$RECORDED"; exit; }
PYTHONPATH="$TOOLS" exec "$PYTHON" -m awscli "$@"
"""
MAKE = """#!/bin/bash
[ "$1" = test-cloud ] && { echo "make $*" >>"$RECORDED"; exit; } # runs this
exec "$REAL_MAKE" "$@"
"""
SUDO = """#!/bin/bash
{ echo "sudo $*"; cat; } >>"$RECORDED" # this machine's own files stay
"""


@dataclass
class Reader:
    """The person, and what they have."""

    clone: Path
    home: Path
    shell: Shell

    @property
    def recorded(self) -> list[str]:
        """The commands that were recorded instead of run."""
        return (self.home / "recorded").read_text().splitlines()

    def follows(self, beginning: str, pasted: str = "") -> str:
        """Type the block of the document that begins so; what it prints."""
        (block,) = (one for one in DOCUMENT.blocks("sh") if one.lstrip().startswith(beginning))
        for example, own in FILLED_IN.items():
            block = block.replace(example, own)
        return self.shell.types(block, pasted)

    def public_key(self, user: str) -> str:
        """Return a user's public key as the settings take it."""
        return (self.home / "canton-keys" / f"{user}.pub").read_text()

    def fills_in(self) -> Settings:
        """Put own values into ``Pulumi.prod.yaml``, as steps 1 and 2 say."""
        file = self.clone / "cloud" / "infra" / "Pulumi.prod.yaml"
        whole = yaml.safe_load(file.read_text())
        config: dict[str, Any] = whole["config"]
        for section, values in OWN.items():
            config[f"{PROJECT}:{section}"] |= values
        del config[f"{PROJECT}:tasks"]["image_digest"]  # until step 7
        del config[f"{PROJECT}:canton"]["network"]  # until step 8
        config[f"{PROJECT}:prefect"]["api"] |= OWN_API
        config[f"{PROJECT}:snowflake"] |= {
            "pipeline_public_key": self.public_key("pipeline"),
            "migration_public_key": self.public_key("migration"),
        }
        config["aws:allowedAccountIds"] = [OWN["stack"]["account_id"]]
        config["snowflake:organizationName"] = OWN["snowflake"]["organization"]
        file.write_text(yaml.safe_dump(whole, sort_keys=False))
        return read_settings("prod", file.parent)


@pytest.fixture
def aws(children: Children, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an emulated AWS of its own, which is empty."""
    return start_emulator(children, tmp_path_factory.mktemp("aws"))


@pytest.fixture
def reader(tmp_path: Path, aws: str) -> Iterator[Reader]:
    clone, home, commands = (tmp_path / name for name in ("clone", "home", "commands"))
    for folder in (clone, home / ".aws", commands):
        folder.mkdir(parents=True)
    copy_tree(clone)
    profile = {
        "region": "us-east-1",
        "endpoint_url": aws,
        "aws_access_key_id": OWN["stack"]["account_id"],
        "aws_secret_access_key": "emulated",
    }
    lines = [f"{name} = {value}" for name, value in profile.items()]
    (home / ".aws" / "config").write_text("\n".join(["[profile acme]", *lines, ""]))
    (home / "recorded").touch()
    for name, text in {"pulumi": PULUMI, "aws": AWS, "make": MAKE, "sudo": SUDO}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    shell = Shell(
        clone,
        {
            "HOME": str(home),
            "PATH": f"{commands}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "PYTHON": sys.executable,
            "REAL_MAKE": str(shutil.which("make")),
            "TOOLS": str(TOOLS),
            "RECORDED": str(home / "recorded"),
            "MADE": str(home / "made.json"),
        },
    )
    yield Reader(clone, home, shell)
    shell.close()


def made_there(reader: Reader, settings: Settings, url: str, snowflake: LocalSnowflake) -> None:
    """Make what `pulumi up` would; its outputs are what the stand-in for Pulumi tells."""
    with snowflake.connect(
        user=Names(settings).migration_role, database=None, schema=None
    ) as connection:
        applied = apply(settings, url, connection.cursor().execute)
    outputs = applied.outputs | {"graph": digest(record(settings).to_json())}
    (reader.home / "made.json").write_text(json.dumps(outputs))


def started_snowflake(
    reader: Reader, children: Children, settings: Settings, url: str
) -> LocalSnowflake:
    """The account, whose only user is that of migrations."""
    key = reader.home / "migration.pem"
    lines = (
        "-----BEGIN PUBLIC KEY-----",
        reader.public_key("migration"),
        "-----END PUBLIC KEY-----",
    )
    key.write_text("\n".join((*lines, "")))
    empty = reader.home / "empty.sql"
    empty.touch()
    return start(
        children, reader.home / "snowflake", "--init", str(empty),
        LOCAL_SNOWFLAKE_USER=Names(settings).migration_role,
        LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE=str(key),
        AWS_ENDPOINT_URL_S3=url,
        AWS_ACCESS_KEY_ID=settings.stack.account_id,
        AWS_SECRET_ACCESS_KEY="emulated",
        AWS_REGION=settings.stack.region,
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_the_document_can_be_followed_from_its_first_command(
    reader: Reader, aws: str, children: Children
):
    reader.follows("umask 077")
    settings = reader.fills_in()
    snowflake = started_snowflake(reader, children, settings, aws)
    made_there(reader, settings, aws, snowflake)

    said = reader.follows("export AWS_PROFILE")
    made = json.loads((reader.home / "made.json").read_text())
    assert said.splitlines()[-1] == made["egress_ip"]
    assert "SNOWFLAKE_PRIVATE_KEY" not in reader.shell.types("env")
    commit = "git init -q && git add -A && git -c user.name=A -c user.email=a@acme.com commit -qm A"
    reader.shell.types(commit)
    assert "nothing is broken" in reader.shell.types("./pipeline plan --env prod")

    reader.follows("put()", pasted=WEBHOOK)
    account = boto3.client(
        "secretsmanager", endpoint_url=aws, region_name="us-east-1",
        aws_access_key_id=settings.stack.account_id, aws_secret_access_key="emulated",
    )  # fmt: skip
    kept = {
        key: account.get_secret_value(SecretId=arn)["SecretString"]
        for key, arn in made["secret_arns"].items()
    }
    assert kept["slack-webhook-url"] == WEBHOOK
    assert load_pem_private_key(kept["snowflake-private-key"].encode(), None)
    assert kept["prefect-auth"].startswith("prefect:")
    assert not (reader.home / "canton-keys" / "pipeline.p8").exists()

    local = f"SNOWFLAKE_HOST=127.0.0.1 SNOWFLAKE_PORT={snowflake.port} SNOWFLAKE_PROTOCOL=http"
    reader.shell.types(f"export {local}")
    assert "0001_ops" in reader.follows("SNOWFLAKE_ACCOUNT=")

    reader.follows("out()")
    (session,) = (one for one in reader.recorded if one.startswith("aws ssm start-session"))
    host = made["prefect_api_url"].removeprefix("http://").partition(":")[0]
    assert f"host={host},portNumber=4200,localPortNumber=4200" in session
    assert f"127.0.0.1 {host}" in reader.recorded
    for command in whole_commands():
        reader.shell.types(command)
    reader.follows("machine=")
    assert "canton-prod-way-in" not in reader.shell.types("aws iam list-roles")


def whole_commands() -> list[str]:
    """Commands of AWS's within the text that leave nothing out."""
    inline = [code for code in DOCUMENT.inline() if code.startswith("aws ") and "…" not in code]
    assert len(inline) >= 4
    return inline


def test_every_block_of_commands_is_followed_or_has_a_reason():
    followed = (
        *("umask 077", "export AWS_PROFILE", "put()", "SNOWFLAKE_ACCOUNT=", "out()"),
        "machine=",
    )
    blocks = [block.lstrip() for block in DOCUMENT.blocks("sh")]
    assert [one for one in blocks if not one.startswith((*followed, *NOT_TYPED))] == []
    for beginning in NOT_TYPED:
        assert any(one.startswith(beginning) for one in blocks), f"{beginning} is gone"


def test_the_alarms_that_are_red_before_anything_runs_are_named(graph: Graph):
    (sentence,) = re.findall(r"these alarms are red.*?\.\s", DOCUMENT.text, re.DOTALL)
    alarms = graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    red = {one.name for one in alarms if state(one.inputs, [None] * 300) == "ALARM"}
    assert {*re.findall(r"`([\w-]+)`", sentence)} == red


def test_what_it_counts_and_calls_by_number_is_what_the_program_makes(graph: Graph):
    kinds = {
        "alarms": "aws:cloudwatch/metricAlarm:MetricAlarm",
        "metrics of the log": "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    }
    for row, kind in kinds.items():
        assert f"| {row} | {len(graph.of_type(kind))} {row.split()[0]} |" in DOCUMENT.text
    secrets = len(graph.of_type("aws:secretsmanager/secret:Secret")) + 1  # RDS makes one
    assert f"| secrets | {secrets} secrets |" in DOCUMENT.text
    subnet = graph.one("aws:ec2/subnet:Subnet", "private-1").inputs["cidrBlock"]
    vpc = graph.one("aws:ec2/vpc:Vpc", "vpc").inputs["cidrBlock"]
    assert f"`{subnet}` for the VPC `{vpc}`" in " ".join(DOCUMENT.text.split())
