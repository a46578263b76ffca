"""Recorded updates keep every character that is not white space between tokens."""

import base64
import json

import pytest

from mocks.canton_scan import dso_party_id
from mocks.canton_scan.replay import Recording, RecordingRefused

FIRST = """{
  "update_id" : "1220aa", "record_time": "2026-11-20T12:00:00.000000Z",
  "migration_id": 3, "note": "two  spaces, \\" a quote \\u00e9 é",
  "price": 1.10, "big": 12345678901234567890.50,
  "events_by_id": {"1220aa:0": {"create_arguments": {"dso": "DSO::1220bb"}}}
}"""
SECOND = """{"record_time":"2026-11-20T11:59:59.000000Z","update_id":"1220ab","offset":"7",
  "event": {"migration_id": 4}}"""
COMPACT_FIRST = (
    '{"update_id":"1220aa","record_time":"2026-11-20T12:00:00.000000Z",'
    '"migration_id":3,"note":"two  spaces, \\" a quote \\u00e9 é",'
    '"price":1.10,"big":12345678901234567890.50,'
    '"events_by_id":{"1220aa:0":{"create_arguments":{"dso":"DSO::1220bb"}}}}'
)
COMPACT_SECOND = (
    '{"record_time":"2026-11-20T11:59:59.000000Z","update_id":"1220ab","offset":"7",'
    '"event":{"migration_id":4}}'
)
COMPACT = [COMPACT_FIRST.encode(), COMPACT_SECOND.encode()]


@pytest.fixture(params=["page", "lines"])
def path(request, tmp_path):
    page = f'{{"transactions": [{FIRST},\n{SECOND}]}}\n'
    lines = "\n".join(one.replace("\n", " ") for one in (FIRST, SECOND))
    file = tmp_path / "recording.json"
    file.write_text(page if request.param == "page" else lines)
    return file


def test_updates_become_one_line_with_every_value_as_recorded(path):
    assert Recording(path).page(None, 10) == COMPACT


def test_a_reassignment_stands_where_its_event_says(path):
    recording = Recording(path)
    first = recording.page(None, 1)
    assert first == COMPACT[:1]
    assert recording.page(recording.head(), 10) == []
    assert recording.head().migration_id == 4


def test_the_network_is_read_from_the_contracts(path):
    assert dso_party_id(replay=path) == "DSO::1220bb"


def test_the_network_is_read_from_signatories_where_no_contract_names_it(tmp_path):
    file = tmp_path / "recording.json"
    file.write_text(
        FIRST.replace("\n", " ").replace('"dso": "DSO::1220bb"', '"signatories": ["DSO::1220cc"]')
    )
    assert dso_party_id(replay=file) == "DSO::1220cc"


def test_the_recorded_sample_is_of_main_net(recording, recorded_updates):
    replayed = Recording(recording)
    assert [json.loads(one) for one in replayed.page(None, 100)] == recorded_updates
    assert replayed.dso_party_id.startswith("DSO::1220b1431ef2")
    assert (replayed.count(), replayed.page(replayed.head(), 1)) == (60, [])


def test_an_answer_that_was_refused_is_given_again_byte_for_byte(tmp_path, over):
    file = tmp_path / "recording.json"
    after = '{"after_migration_id": 3, "after_record_time": "2026-11-20T12:00:00Z"}'
    body = base64.b64encode(b'{"transactions":[ {"cut').decode()
    file.write_text(
        f'{{"dso_party_id": "DSO::1220bb", "transactions": [{FIRST}],'
        f' "answers": [{{"after": {after}, "body": "{body}"}}]}}'
    )
    api = over(Recording(file))
    wanted = {"page_size": 10, "after": json.loads(after)}
    page = api.request("POST", "/v2/updates", json=wanted)
    (before,) = api.page(10)
    assert page.content == b'{"transactions":[ {"cut'
    assert before["update_id"] == "1220aa"


def test_a_recording_of_one_answer_alone_tells_its_network(tmp_path):
    file = tmp_path / "recording.json"
    file.write_text(
        '{"dso_party_id": "DSO::1220bb", "transactions": [],'
        ' "answers": [{"after": null, "body": ""}]}'
    )
    recording = Recording(file)
    assert (recording.dso_party_id, recording.count(), recording.answer(None)) == (
        "DSO::1220bb", 0, b"",
    )  # fmt: skip


EXPECTED = (
    'expected {"transactions": [update, …]} as /v2/updates answers, or an update a line'
    " (of events, each one's `update`)"
)


@pytest.mark.parametrize(
    "text",
    [
        '{"transactions": null}',
        "{}",
        f'{{"updates": [{FIRST}]}}',
        f"[{COMPACT_FIRST}]",
        f'{{"events": [{{"update": {COMPACT_FIRST}, "verdict": null}}]}}',
        f'{{"update": {COMPACT_FIRST}, "verdict": null}}',
    ],
    ids=["null", "nothing", "another key", "an array", "events", "an event a line"],
)
def test_a_file_of_another_shape_is_told_which_one_is_expected(tmp_path, text):
    assert refusal(tmp_path, text).endswith(f"; {EXPECTED}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "\n".join([COMPACT_SECOND, COMPACT_FIRST.replace("12:00:00", "16:23:60")]),
            "update 2: no such time: 2026-11-20T16:23:60.000000Z",
            id="a leap second",
        ),
        pytest.param(
            "\ufeff" + COMPACT_FIRST,
            "it begins with a byte order mark: save it as UTF-8 without one",
            id="a BOM",
        ),
        pytest.param(
            COMPACT_FIRST.replace("3,", "[" * 9_999 + "]" * 9_999 + ",", 1),
            "it is nested too deeply",
            id="deep",
        ),
    ],
)
def test_what_is_wrong_with_an_update_is_named(tmp_path, text, said):
    assert refusal(tmp_path, text) == said


def test_how_a_recording_of_two_dso_parties_names_its_own_is_told(tmp_path):
    two = COMPACT_FIRST.replace('"note"', '"dso":"DSO::1220cc","note"')
    said = refusal(tmp_path, two)
    assert said.startswith("it names 2 DSO parties, not one: ['DSO::1220bb', 'DSO::1220cc'];")
    assert '"dso_party_id" in the file' in said


def refusal(folder, text):
    file = folder / "recording.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingRefused) as refused:
        Recording(file)
    return str(refused.value).removeprefix(f"{file} can't be replayed: ")
