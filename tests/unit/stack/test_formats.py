"""`.stack/env` of other versions: filled in, brought up, or refused with the way out."""

import pytest

from local.console.errors import CommandFailed
from local.stack.folder import FOLDER, FORMAT
from local.stack.settings import keep, kept_values, plan_reset, plan_stack, read_stack, sign

# As the first version of this project wrote it: without a number, HISTORY, or the second Scan.
FIRST = {
    "CLONE": "",
    "COMPOSE_PROJECT": "canton-b0fef0",
    "FLOW_NETWORK": "canton-b0fef0",
    "IMAGES": "canton-b0fef0",
    "FLOW_IMAGE": "canton-b0fef0/pipeline:local",
    "PREFECT_PORT": "28905",
    "SCAN_PORT": "28906",
    "SLACK_PORT": "28907",
    "S3_PORT": "28908",
    "SNOWFLAKE_PORT": "28909",
    "POSTGRES_PASSWORD": "one",
    "WAREHOUSE_PASSWORD": "two",
    "PREFECT_AUTH": "admin:three",
}


@pytest.fixture
def env(tmp_path, monkeypatch):
    """`.stack/env` of a clone in which commands are typed."""
    monkeypatch.chdir(tmp_path)
    FOLDER.mkdir()
    return tmp_path / FOLDER / "env"


def written(env, **values):
    env.write_text(
        "".join(f"{k}={v}\n" for k, v in {**FIRST, "CLONE": env.parents[1], **values}.items())
    )


def test_an_older_one_is_filled_in_by_whatever_reads_it(env):
    written(env)
    values = read_stack().values
    assert {name: values[name] for name in FIRST} == {**FIRST, "CLONE": str(env.parents[1])}
    assert (values["STACK_FORMAT"], values["HISTORY"]) == (str(FORMAT), "20000")
    assert kept_values() == values, "Compose reads the file"


def test_one_of_this_version_is_not_written_again(env):
    keep(plan_stack({}))
    before = env.stat().st_mtime_ns
    read_stack()
    assert env.stat().st_mtime_ns == before


@pytest.mark.parametrize("read", [read_stack, lambda: plan_stack({})])
def test_a_newer_one_is_refused_and_left_alone(env, read):
    written(env, STACK_FORMAT="2", MADE_BY="0123abcd")
    before = env.read_text()
    with pytest.raises(CommandFailed) as refused:
        read()
    assert str(refused.value) == (
        ".stack/env was written by a newer version (format 2, this one knows 1). It is left as it"
        " is: update this clone (git pull), go on with revision 0123abcd, which used it last"
        " (git checkout 0123abcd), or start over (make reset AT=stack)"
    )
    assert env.read_text() == before


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"POSTGRES_PASSWORD": ""}, "it lacks POSTGRES_PASSWORD. .*make reset AT=stack"),
        ({"STACK_FORMAT": "x"}, "its format is 'x', which is no number. .*make reset AT=stack"),
    ],
)
@pytest.mark.parametrize("read", [read_stack, lambda: plan_stack({})])
def test_a_broken_one_is_refused(env, read, values, told):
    written(env, **values)
    with pytest.raises(CommandFailed, match=rf"^\.stack/env is broken: {told}"):
        read()


@pytest.mark.parametrize("text", ["STACK_FORMAT=9\nCOMPOSE_PROJECT=other\n", "COMPOSE_PROJECT=\n"])
def test_whatever_it_holds_it_can_be_reset(env, text):
    env.write_text(text)
    stack = plan_reset()
    assert stack.project == ("other" if "other" in text else plan_reset().project)
    assert stack.project.strip()


def test_bytes_that_are_no_text_can_be_reset_too(env):
    env.write_bytes(b"\xe6\xff=\x00\n")
    assert plan_reset().project.startswith("canton-")
    with pytest.raises(CommandFailed, match="is broken: it lacks COMPOSE_PROJECT"):
        read_stack()


def test_the_revision_is_written_down_with_it(env):
    stack = plan_stack({})
    sign(stack, "0123abcd")
    assert kept_values() == {**stack.values, "MADE_BY": "0123abcd"}
