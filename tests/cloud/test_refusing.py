"""A deploy that may not be is refused with its reasons, before anything outside is touched."""

from dataclasses import dataclass, field, replace

import pytest

from cloud.deploy import deploy as deploying
from cloud.deploy import roll_back as rolling_back
from cloud.deploy.outside import Outside
from cloud.deploy.registry import Registry
from local.console.errors import CommandFailed
from tests.cloud.test_plan import RECORD
from tests.clouds import ACCOUNT, here, made_outputs, own_settings, source


class Touched(AssertionError):
    """Something outside was, that shouldn't have been."""


def untouchable(*_):
    raise Touched


@dataclass
class FakeAccount:
    """Answers as it is told."""

    account_id: str = ACCOUNT
    empty: list[str] = field(default_factory=list)

    def explain_other(self, wanted):
        return "" if wanted == self.account_id else f"keys of {self.account_id}"

    def explain_secrets(self, arns):
        return [f"secret {key} has no value" for key in arns if key in self.empty]

    def secret(self, _):
        return "hush"


@pytest.fixture
def outside():
    """A world that notices when it is touched; the account may be asked whose it is."""
    return Outside(
        environment={},
        account=FakeAccount(),
        registry=untouchable,
        push=untouchable,
        server=untouchable,
        api=untouchable,
        check=untouchable,
        now=untouchable,
    )


@pytest.fixture
def given(tmp_path):
    return here(tmp_path, own_settings())


def refusal(given, outside):
    with pytest.raises(CommandFailed) as refused:
        deploying.carry_out(given, outside)
    assert "refused, nothing was changed" in str(refused.value)
    return str(refused.value)


def test_all_reasons_on_this_machine_are_told_at_once(given, outside):
    local = {"AWS_ENDPOINT_URL_S3": "http://localhost:4566", "AWS_ACCESS_KEY_ID": "test"}
    dirty = replace(
        given,
        source=source("c0ffee", "f00d", "flows/x.py"),
        settings=own_settings(snowflake={"pipeline_public_key": None}),
    )
    told = refusal(dirty, replace(outside, environment=local))
    assert "- not committed: flows/x.py" in told
    assert "- local: AWS_ENDPOINT_URL_S3" in told
    assert "- local: AWS_ACCESS_KEY_ID" in told
    assert "- the plan is broken: snowflake.pipeline_public_key is unset" in told


def test_without_outputs_nothing_is_deployed(given, outside, tmp_path):
    (tmp_path / "outputs.prod.json").unlink()
    assert "outputs.prod.json doesn't exist" in refusal(given, outside)


def test_outputs_that_an_emulator_made_are_refused(tmp_path, outside):
    outputs = made_outputs(own_settings())
    foreign = outputs.model_copy(update={"image_repository": "localhost:4510/canton"})
    told = refusal(here(tmp_path, own_settings(), foreign), outside)
    assert "image_repository is no registry of this account" in told


def test_outputs_of_another_infrastructure_than_what_is_here_are_refused(tmp_path, outside):
    changed = here(tmp_path, own_settings(), record_graph=lambda _: '{"resources": []}')
    assert "pulumi up, then export them to cloud/infra/outputs.prod.json" in refusal(
        changed, outside
    )


def test_keys_of_another_account_are_refused(given, outside):
    told = refusal(given, replace(outside, account=FakeAccount("987654321098")))
    assert "keys of 987654321098" in told


def test_secrets_without_a_value_are_refused(given, outside):
    account = FakeAccount(empty=["slack-webhook-url"])
    told = refusal(given, replace(outside, account=account))
    assert "secret slack-webhook-url has no value" in told


RUNNING = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("service_digest", "is_push_alone"),
    [(None, False), (RUNNING, True)],
    ids=["before there are services", "for an upgrade of services"],
)
def test_an_image_alone_is_pushed(tmp_path, outside, capsys, service_digest, is_push_alone):
    without = here(tmp_path, own_settings(tasks={"image_digest": service_digest}))
    pushed = f"sha256:{'cd' * 32}"
    world = replace(
        outside,
        registry=lambda outputs: Registry(outputs.image_repository),
        push=lambda _, order, __: pushed if order.tag == f"inputs-{'f00d' * 4}" else "",
        check=lambda: None,
    )
    assert deploying.carry_out(without, world, is_push_alone=is_push_alone) is None
    assert f"next: tasks.image_digest: {pushed}" in capsys.readouterr().out
    assert without.records.names() == []


@pytest.fixture
def deployed(given):
    """After a deploy, whose outputs are those of now."""
    outputs = made_outputs(given.settings).model_dump(mode="json")
    record = replace(RECORD, state=replace(RECORD.state, outputs=outputs))
    given.records.write(record, "{}")
    return given


def back(given, outside, **asked):
    with pytest.raises(CommandFailed) as refused:
        rolling_back.carry_out(given, outside, **asked)
    return str(refused.value)


def test_nothing_to_go_back_to_is_told(given, deployed, outside, tmp_path):
    (tmp_path / "empty").mkdir()
    never = here(tmp_path / "empty", own_settings())
    assert "nothing was deployed to prod yet" in back(never, outside)
    assert "nothing was deployed before" in back(deployed, outside)
    assert "doesn't exist; the newest records are" in back(deployed, outside, to="then")


def test_a_rollback_from_a_local_shell_is_refused(deployed, outside):
    local = replace(outside, environment={"AWS_ENDPOINT_URL": "http://localhost:4566"})
    assert "local: AWS_ENDPOINT_URL" in back(deployed, local, to=RECORD.name)


def test_a_rollback_to_other_infrastructure_is_refused(deployed, outside, tmp_path):
    moved = made_outputs(own_settings()).model_copy(update={"egress_ip": "192.0.2.1"})
    now = here(tmp_path, own_settings(), moved, records=deployed.records)
    told = back(now, outside, to=RECORD.name)
    assert "egress_ip: not-made-yet -> 192.0.2.1" in told


def test_a_rollback_to_an_image_that_is_gone_is_refused(deployed, outside):
    class Empty:
        def digest(self, _):
            return None

    told = back(deployed, replace(outside, registry=lambda _: Empty()), to=RECORD.name)
    assert "is gone from the registry" in told
