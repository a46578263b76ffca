"""A restore that is stopped as it exchanges two folders ends with the next; nothing is lost."""

import pytest

from local.embedded.state import RESTORING, WHOLE, StateFolder, refuse_half_restored
from local.snapshots.embedded_state import EmbeddedState

NETWORK = "12208d9089ce"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def place(root):
    return EmbeddedState({"STATE": str(root)}, NETWORK)


@pytest.fixture
def old(root):
    """The state that a restore replaces."""
    state = StateFolder(NETWORK, root)
    state.prepare()
    (state.path / "told").write_text("old")
    return state


@pytest.fixture
def draft(place, old):
    """The draft that a restore has assembled to replace the place."""
    made = place.draft()
    (made.path / "told").write_text("new")
    return made


def stop(draft, *, after):
    """Leave what a killed `take_over` leaves after so many of its renames."""
    restoring = draft.path.parent
    (restoring / WHOLE).write_text(NETWORK)
    state = restoring.parent / NETWORK
    if after > 0:
        state.rename(restoring / "replaced")
    if after > 1:
        draft.path.rename(state)


def test_the_new_folder_stands_in_the_old_ones_place(place, old, draft, root):
    place.take_over(draft)
    assert (old.path / "told").read_text() == "new"
    assert not (root / RESTORING).exists()
    assert not place.is_empty()
    refuse_half_restored(root)


@pytest.mark.parametrize(("after", "told"), [(0, "old"), (1, "new"), (2, "new")])
def test_what_was_there_before_is_not_kept_once_more(place, old, draft, root, after, told):
    stop(draft, after=after)
    place.refuse_if_busy()
    assert (old.path / "told").read_text() == told
    assert place.is_empty(), "or before-restore would be taken of the restored state"
    assert [one.name for one in (root / RESTORING).iterdir() if one.is_dir()] == []

    again = place.draft()
    (again.path / "told").write_text("again")
    place.take_over(again)
    assert (old.path / "told").read_text() == "again"
    assert not place.is_empty()
    assert not (root / RESTORING).exists()


def test_another_networks_restore_ends_the_one_that_was_stopped(old, draft, root):
    stop(draft, after=1)
    other = StateFolder("1220ffffffff", root.parent / "elsewhere")
    other.prepare()
    other.path.rename(root / other.network)
    place = EmbeddedState({"STATE": str(root)}, other.network)
    place.refuse_if_busy()
    assert (old.path / "told").read_text() == "new"
    assert not place.is_empty(), "what it holds was never kept"
    assert not (root / RESTORING).exists()


def test_a_state_that_was_deleted_after_a_stop_is_no_obstacle(place, old, draft):
    stop(draft, after=2)
    old.delete()
    place.refuse_if_busy()
    assert place.is_empty()
