import re

import pytest
import yaml

from cloud.infra.settings import (
    FOLDER,
    STACKS,
    InfraSettingsWrong,
    Section,
    Settings,
    read_settings,
    validated,
)
from tests.clouds import changed


@pytest.mark.parametrize("stack", STACKS)
def test_what_the_providers_read_is_what_the_program_reads(stack):
    settings = read_settings(stack)
    config = yaml.safe_load((FOLDER / f"Pulumi.{stack}.yaml").read_text())["config"]

    assert config["aws:region"] == settings.stack.region
    assert config["aws:allowedAccountIds"] == [settings.stack.account_id]
    assert config["snowflake:organizationName"] == settings.snowflake.organization
    assert config["snowflake:accountName"] == settings.snowflake.account


def test_keys_of_the_providers_that_lead_elsewhere_are_refused(tmp_path):
    """Pulumi's providers read them, and would make everything in another account or region."""
    text = (FOLDER / "Pulumi.prod.yaml").read_text()
    for before, after in (
        ("aws:region: us-east-1", "aws:region: eu-west-1"),
        ('aws:allowedAccountIds: ["444455556666"]', 'aws:allowedAccountIds: ["210987654321"]'),
        ("snowflake:organizationName: EXAMPLE", "snowflake:organizationName: ACME"),
        ("snowflake:accountName: CANTON", "snowflake:accountName: LEDGER"),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "Pulumi.prod.yaml").write_text(text)
    with pytest.raises(InfraSettingsWrong) as refused:
        read_settings("prod", tmp_path)
    assert str(refused.value).splitlines() == [
        "Pulumi.prod.yaml: aws:region: eu-west-1: expected us-east-1, as stack.region says",
        (
            "Pulumi.prod.yaml: aws:allowedAccountIds: ['210987654321']: expected ['444455556666'],"
            " as stack.account_id says"
        ),
        (
            "Pulumi.prod.yaml: snowflake:organizationName: ACME: expected EXAMPLE,"
            " as snowflake.organization says"
        ),
        (
            "Pulumi.prod.yaml: snowflake:accountName: LEDGER: expected CANTON,"
            " as snowflake.account says"
        ),
    ]


def test_two_stacks_share_no_name():
    dev, prod = (read_settings(stack) for stack in STACKS)
    for of in (
        lambda one: one.stack.name,
        lambda one: one.stack.account_id,
        lambda one: one.landing.bucket,
        lambda one: one.network.cidr,
        lambda one: one.prefect.pool,
        lambda one: (one.snowflake.account, one.snowflake.database),
    ):
        assert of(dev) != of(prod)


def test_a_stack_that_is_not_there_is_named():
    with pytest.raises(InfraSettingsWrong, match="there is no stack test"):
        read_settings("test")


@pytest.mark.parametrize(
    ("section", "changes", "problem"),
    [
        pytest.param("stack", {"account_id": "12"}, "stack.account_id", id="account"),
        pytest.param("stack", {"colour": "red"}, "stack.colour: Extra", id="unknown"),
        pytest.param("network", {"cidr": "10.0.0.0/24"}, "is too small", id="small network"),
        pytest.param("network", {"zones": ["us-east-1a"]}, "network.zones", id="one zone"),
        pytest.param(
            "network",
            {"zones": ["eu-west-1a", "us-east-1b"]},
            "network.zones: eu-west-1a: not in us-east-1",
            id="a zone of another region",
        ),
        pytest.param("landing", {"bucket": "Canton_Landing"}, "landing.bucket", id="bucket"),
        pytest.param("canton", {"base_url": "http://scan"}, "canton.base_url", id="no TLS"),
        pytest.param(
            "tasks",
            {"flow": {"cpu": 256, "memory": 4096}},
            "tasks.flow: Value error, Fargate has no 4096 MiB with 256 CPU units",
            id="no size of Fargate",
        ),
        pytest.param("tasks", {"image_digest": "latest"}, "tasks.image_digest", id="a tag"),
        pytest.param("logs", {"retention_days": 31}, "logs.retention_days", id="retention"),
        pytest.param("alarms", {"emails": []}, "alarms.emails", id="nobody is told"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(prod, section, changes, problem):
    with pytest.raises(InfraSettingsWrong, match=re.escape(problem)):
        changed(prod, **{section: changes})


def test_every_wrong_setting_is_named_at_once(prod):
    values = prod.model_dump(mode="json")
    values["stack"]["region"] = values["tasks"]["kept_images"] = "many"
    with pytest.raises(InfraSettingsWrong) as refused:
        validated(values, where="Pulumi.prod.yaml")
    assert [
        line.partition(": ")[2].partition(":")[0] for line in str(refused.value).splitlines()
    ] == [
        "stack.region",
        "tasks.kept_images",
    ]


def test_settings_do_not_change_once_they_are_read(prod):
    with pytest.raises(ValueError, match="frozen"):
        prod.stack.name = "another"


def test_no_setting_asks_for_a_secret():
    names = [name for model in sections(Settings) for name in model.model_fields]
    assert not [name for name in names if re.search("password$|secret|token|private|webhook", name)]


def sections(model: type[Section]) -> list[type[Section]]:
    inner = [
        field.annotation
        for field in model.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    ]
    return [model, *(one for each in inner for one in sections(each))]
