"""`make dev` as a user has it: saves a change, a mistake and its mending, and stops."""

from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.clone import Clone, copy_tree, until

WAITING = "waiting for the next save"
RIGHT, WRONG = "F.round(fraction * rate, 10)", "F.round(fraction * rate, 2)"


class Editor:
    """Saves files of a copy, and reads what `make dev` prints from then on."""

    def __init__(self, clone, typed):
        self.gold = clone.path / "services" / "gold.py"
        self._typed = typed
        self._read = 0

    def sees(self, *words):
        """Waits for the end of a run, which has printed all these words."""
        until(lambda: WAITING in self._new(), self._typed.screen)
        said = self._new()
        self._read += len(said)
        for text in words:
            assert text in said
        return said

    def saves(self, file: Path, *change: str):
        file.write_text(file.read_text().replace(*change))

    def _new(self):
        return self._typed.screen.read_text()[self._read :]


def processes_in(folder):
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder):
                found.append(process)
    return found


@pytest.mark.timeout(300)
def test_each_save_shows_what_it_changed_in_gold(tmp_path):
    copy_tree(tmp_path)
    clone = Clone(tmp_path, {"STATE": "state"})
    with clone.typing("dev", "HISTORY=300") as typed:
        editor = Editor(clone, typed)
        editor.sees("bronze: batch 1", "rows in gold.account_activity_minute", "s after the start")

        editor.saves(editor.gold, RIGHT, WRONG)
        said = editor.sees("services/gold.py saved: gold\n", " changed; ", "s after the save")
        assert "bronze" not in said
        assert "  ~ " in said
        assert "usd_value" in said

        editor.saves(editor.gold, WRONG, WRONG.removesuffix(")"))
        said = editor.sees('services/gold.py", line', "SyntaxError: ")
        assert "after the save" not in said

        editor.saves(editor.gold, WRONG.removesuffix(")"), RIGHT)
        editor.sees(" changed; ", "usd_value")

        editor.saves(clone.path / "services" / "silver.py", '"""Silver: ', '"""Silver, ')
        editor.sees("services/silver.py saved: silver → gold\n", "nothing changed in gold")

        typed.press_ctrl_c()
        until(lambda: not processes_in(tmp_path), "nothing runs there any more", 20)
    assert "the state of make dev stays" in typed.screen.read_text()
    assert clone.makes("reset", "YES=1").startswith("deleted state/dev/")
