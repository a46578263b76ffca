"""The stack's whole state as a file: back to the stack, and over to `make run` and back."""

import pyarrow as pa

COUNTS = "select layer, batch_id, update_count, row_count, run_id from ops.batches order by 1, 2"
SECRETS = ("POSTGRES_PASSWORD", "WAREHOUSE_PASSWORD", "PREFECT_AUTH")


def runs(up):
    with up.prefect() as prefect:
        return {one["id"] for one in prefect.post("/flow_runs/filter", json={}).json()}


def test_what_a_snapshot_of_the_stack_holds_comes_back_here_and_there(up):
    up.makes("trigger")
    kept, ran = up.rows(COUNTS), runs(up)
    assert "./pipeline restore whole brings it back" in up.makes("snapshot", "NAME=whole")
    file = up.path / ".snapshots" / "whole.tar.zst"
    with pa.CompressedInputStream(str(file), "zstd") as stream:
        content = stream.read()
    values = [up.settings[name].rpartition(":")[2].encode() for name in SECRETS]
    assert [value for value in values if value in content] == []

    told = up.makes("restore", "NAME=whole", "AT=embedded", "YES=1")
    assert "run history stays behind" in told
    assert "all as they should be" in up.makes("verify", "AT=embedded")

    up.makes("sql", "Q=delete from ops.batches")
    told = up.makes("restore", "NAME=whole", "YES=1")
    assert "restored and verified" in told
    assert up.rows(COUNTS) == kept
    assert ran <= runs(up)
    up.makes("verify")
    assert up.status()["problems"] == []
    up.makes("trigger")  # with the blocks of this place
    up.makes("verify")

    up.makes("snapshot", "NAME=home", "AT=embedded")
    assert "run history stays behind" in up.makes("restore", "NAME=home", "YES=1")
    assert up.rows(COUNTS) == kept
    up.makes("verify")


def test_a_half_restored_stack_is_not_used(up):
    mark = up.path / ".stack" / "restoring"
    mark.touch()
    for words in (("trigger",), ("up",), ("snapshot", "NAME=half")):
        assert "a ./pipeline restore was stopped half way: type it again" in up.refuses(*words)
    mark.unlink()
