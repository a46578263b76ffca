"""The moment that a snapshot is told to be of."""

from datetime import UTC, datetime

from local.snapshots.take import history_copied


class Busy:
    """A place where a run begins as the last thing that its history tells."""

    def copy_history(self, folder):
        (folder / "history").touch()
        self.began = datetime.now(UTC)


def test_a_run_that_the_history_tells_began_before_the_snapshot(tmp_path):
    place = Busy()
    made_at = datetime.fromisoformat(history_copied(place, tmp_path))
    assert (tmp_path / "history").exists()
    assert made_at >= place.began
    assert (made_at - place.began).total_seconds() < 1
