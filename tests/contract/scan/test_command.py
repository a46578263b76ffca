"""``python -m mocks.canton_scan``: what it refuses, in one line and with an exit code."""

import json

import pytest

from mocks.canton_scan import __main__ as command
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.state import FORMAT

UPDATE = {
    "update_id": "1220aa",
    "migration_id": 4,
    "record_time": "2026-11-20T12:00:00.000000Z",
    "events_by_id": {"1220aa:0": {"create_arguments": {"dso": "DSO::1220bb"}}},
}


def refusal(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(["--port", "1", *map(str, arguments)])
    error = capsys.readouterr().err
    assert ended.value.code == command.EX_DATAERR
    assert error.startswith("canton_scan: ")
    assert error.count("\n") == 1
    return error


def changed(update, **fields):
    return json.dumps({name: v for name, v in {**update, **fields}.items() if v is not None})


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state.json"
    open_ledger(path, "local", history=10)
    return path


def test_the_state_of_another_seed_is_refused(capsys, state):
    error = refusal(capsys, "--state", state, "--seed", "other")
    assert "holds the ledger of seed 'local', not 'other'" in error


@pytest.mark.parametrize("version", [FORMAT + 1, 0, "1", None])
def test_a_state_of_another_format_is_refused(capsys, state, version):
    state.write_text(json.dumps({**json.loads(state.read_text()), "format": version}))
    told = f"state file {state} has format {version}, this mock reads format {FORMAT}"
    assert refusal(capsys, "--state", state) == f"canton_scan: state refused: {told}\n"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        f'{{"format": {FORMAT}}}',
        f'{{"format": {FORMAT}, "seed": "local", "stretches": [], "count": 10}}',
        f'{{"format": {FORMAT}, "seed": "local", "stretches": [{{}}], "count": 10}}',
    ],
)
def test_a_damaged_state_is_refused(capsys, state, content):
    state.write_text(content)
    assert "canton_scan: state refused: state file " in refusal(capsys, "--state", state)


def test_a_state_that_cannot_be_written_is_refused(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert "can't be" in refusal(capsys, "--state", tmp_path / "file" / "state.json")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param("", "it holds no updates", id="empty"),
        pytest.param('{"transactions":[]}', "it holds no updates", id="empty page"),
        pytest.param("once upon a time", "malformed", id="no JSON"),
        pytest.param("[1, 2]", "Expected `object`, got `array`", id="an array"),
        pytest.param(
            changed(UPDATE, update_id=None), "missing required field `update_id`", id="no id"
        ),
        pytest.param(
            changed(UPDATE, record_time=None), "required field `record_time`", id="no time"
        ),
        pytest.param(changed(UPDATE, record_time="noon"), "noon", id="no instant"),
        pytest.param(changed(UPDATE, migration_id=None), "has no migration_id", id="no migration"),
        pytest.param(
            changed(UPDATE) + "\n" + changed(UPDATE), "an update id occurs twice", id="twice"
        ),
        pytest.param(
            changed(UPDATE) + "\n" + changed(UPDATE, update_id="1220ab", migration_id=3),
            "update 2 is not after the one before it",
            id="unsorted",
        ),
        pytest.param(changed(UPDATE, events_by_id={}), "it names 0 DSO parties", id="no network"),
        pytest.param(
            changed(UPDATE, events_by_id={"1": {"dso": "DSO::1"}, "2": {"dso": "DSO::2"}}),
            "it names 2 DSO parties",
            id="two networks",
        ),
    ],
)
def test_a_recording_that_cannot_be_served_is_refused(capsys, tmp_path, content, cause):
    path = tmp_path / "recording.json"
    path.write_text(content)
    error = refusal(capsys, "--replay", path)
    assert f"{path} can't be replayed: " in error
    assert cause in error


def test_a_recording_that_does_not_exist_is_refused(capsys, tmp_path):
    assert "No such file" in refusal(capsys, "--replay", tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="neither state nor recording"),
        pytest.param(["--state", "s", "--history", "9"], id="hardly any history"),
        pytest.param(["--state", "s", "--rate", "0"], id="no rate"),
        pytest.param(["--state", "s", "--rate", "-1"], id="a negative rate"),
        pytest.param(["--state", "s", "--rate", "1/0"], id="an impossible rate"),
        pytest.param(["--state", "s", "--rate", "1000000"], id="faster than the clock's ticks"),
    ],
)
def test_impossible_arguments_are_explained(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(["--port", "1", *arguments])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
