"""The place that `make sql` and the other commands on data act on."""

from pathlib import Path

import pytest

from local.console.errors import CommandFailed
from local.program import place_of, refuse_value
from local.verbs import VERBS

STACK_IS_UP, STACK_IS_DOWN, EMBEDDED = ".stack/up", ".stack/env", ".local/current"


@pytest.mark.parametrize(
    ("files", "options", "place"),
    [
        ([], {}, "embedded"),
        ([EMBEDDED], {}, "embedded"),
        ([STACK_IS_DOWN, STACK_IS_UP], {}, "stack"),
        ([STACK_IS_DOWN, STACK_IS_UP, EMBEDDED], {}, "stack"),
        pytest.param([STACK_IS_DOWN], {}, "stack", id="the stack says itself that it is down"),
        ([STACK_IS_DOWN, EMBEDDED], {}, "embedded"),
        ([STACK_IS_DOWN, "elsewhere/current"], {"STATE": "elsewhere"}, "embedded"),
        ([STACK_IS_DOWN], {"AT": "embedded"}, "embedded"),
    ],
)
def test_commands_on_data_go_where_there_is_a_state(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: list[str],
    options: dict[str, str],
    place: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in files:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    assert place_of(VERBS["sql"], options) == place


def test_a_place_where_nothing_runs_is_refused():
    with pytest.raises(CommandFailed, match="AT=cloud: expected stack or embedded"):
        place_of(VERBS["sql"], {"AT": "cloud"})


@pytest.mark.parametrize("verb", [name for name, one in VERBS.items() if "FORMAT" in one.names])
def test_another_format_is_refused_by_every_verb_that_has_it(verb):
    with pytest.raises(CommandFailed, match=r"^FORMAT=xml: expected table or json$"):
        refuse_value("FORMAT", VERBS[verb], {"FORMAT": "xml"})
    refuse_value("FORMAT", VERBS[verb], {"FORMAT": "json"})


@pytest.mark.parametrize(
    ("verb", "options", "place"),
    [
        ("debug", {}, "embedded"),
        ("debug", {"STACK": "1"}, "stack"),
        ("schedule", {}, "stack"),
        ("schedule", {"ENV": "prod"}, "cloud"),
        ("up", {}, "stack"),
        ("run", {}, "embedded"),
    ],
)
def test_other_verbs_go_where_their_options_say(verb, options, place):
    assert place_of(VERBS[verb], options) == place
