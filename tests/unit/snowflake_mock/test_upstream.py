"""Checks of the parts of fakesnow that are replaced here, and whether that is still needed."""

import copy
import gc
import inspect
import re
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from fakesnow import info_schema, logger
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.instance import FakeSnow
from fakesnow.transforms import stage
from sqlglot import parse_one
from sqlglot.dialects.dialect import Dialect
from sqlglot.expressions import core

from mocks.snowflake import catalog, patches
from mocks.snowflake.dialect import pipeline, types

GENERATED = 1_000  # statements
_USED = re.compile(r"transforms\.(\w+)")


def test_each_of_fakesnows_steps_is_taken_or_left_out_for_a_reason() -> None:
    theirs = set(_USED.findall(inspect.getsource(FakeSnowflakeCursor._transform)))
    ours = set(_USED.findall(inspect.getsource(pipeline) + inspect.getsource(types)))

    assert theirs - ours == set(pipeline.OMITTED)


def test_fakesnow_still_keeps_internal_stages_in_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage.LOCAL_BUCKET_PATH.startswith(tempfile.gettempdir())
    monkeypatch.setattr(stage, "LOCAL_BUCKET_PATH", stage.LOCAL_BUCKET_PATH)
    patches.keep_internal_stages_in(tmp_path / "stages")

    assert stage.internal_dir("DB.S.FILES", "in") == f"{tmp_path}/stages/DB/S/FILES/in"


def test_fakesnow_still_tells_values_with_what_it_runs_and_none_with_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = inspect.getsource(FakeSnowflakeCursor._execute)
    assert re.findall(r"log_sql\((.*)\)", source) == ["sql, params", "sql, params", "result_sql"]
    monkeypatch.setattr(logger, "log_sql", logger.log_sql)
    told: list[str] = []
    patches.tell_sql(told.append)
    logger.log_sql("INSERT", None)
    logger.log_sql("SELECT 1 AS inserted")

    assert told == ["INSERT"]


def test_a_generator_of_sql_still_keeps_memory_and_one_serves_all_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = parse_one("select a + 1 as b from t where c = 'd'", read="snowflake")

    def with_a_new_one() -> str:
        return Dialect.get_or_raise("duckdb").generator().generate(query)

    def with_a_used_one() -> str:
        return query.sql(dialect="duckdb")

    def kept_blocks(generate: Callable[[], str]) -> int:
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(GENERATED):
            generate()
        gc.collect()
        return sys.getallocatedblocks() - before

    def least_kept(generate: Callable[[], str]) -> int:  # other threads have blocks of their own
        return min(kept_blocks(generate) for _ in range(3))

    monkeypatch.setattr(Dialect, "generate", Dialect.generate)  # to be as it was afterwards
    patches.reuse_generators()
    assert with_a_new_one() == with_a_used_one()
    assert least_kept(with_a_new_one) > GENERATED, "all is given back now: no patch is needed"
    assert least_kept(with_a_used_one) < GENERATED / 10


def test_sqlglot_still_copies_notes_in_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "deepcopy", copy.deepcopy)
    query = parse_one("select a from t", read="snowflake")
    query.meta["noted"] = note = ["a"]
    assert query.copy().meta["noted"] is not note, "they are shared now: no patch is needed"

    patches.share_notes()
    copied = query.copy()
    copied.meta["another"] = True
    assert copied.meta["noted"] is note
    assert "another" not in query.meta


def test_fakesnow_still_makes_duckdb_warn_of_each_result() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FakeSnow().connect().cursor().execute("select 1")
    assert {str(w.message)[:30] for w in caught} == {"Arrow output on a DB-API resul"}

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        patches.silence_arrow_output()
        FakeSnow().connect().cursor().execute("select 1")
    assert caught == []


def test_fakesnows_view_of_columns_still_knows_no_hugeint() -> None:
    theirs = info_schema.SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW

    assert "HUGEINT" not in theirs
    assert theirs.count("columns.data_type='BIGINT'") == catalog.COLUMNS_SQL.count("'HUGEINT'") == 3
