"""Records and files that the local Snowflake keeps beside objects; they go when those do."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import contextlib
import shutil
from typing import TYPE_CHECKING

from mocks.snowflake import declared_columns, foreign_keys, load_history

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_OF_ACCOUNT = {
    "ext_table_catalog = ? AND ext_table_schema = ?": ("_fs_columns_ext", "_fs_tables_ext"),
    "database_name = ? AND schema_name = ?":
        ("_fs_stages", "_local_stage_formats", "_fs_file_formats"),
}  # fmt: skip
_OF_DATABASE = (
    (load_history.table_of, "schema_name"), (declared_columns.table_of, "schema_name"),
    (foreign_keys.table_of, "schema_name"), (foreign_keys.table_of, "of_schema"),
)  # fmt: skip


def forget_tables_of(session: "Session", database: str, schema: str) -> None:
    """Delete what a database keeps of a schema's tables, in the transaction that drops them."""
    for table_of, column in _OF_DATABASE:
        session.duck.execute(f"DELETE FROM {table_of(database)} WHERE {column} = ?", [schema])


def forget_schema(session: "Session", database: str, schema: str) -> None:
    """Delete what the account keeps of a schema: functions, stages with their files, comments."""
    for condition, tables in _OF_ACCOUNT.items():
        for table in tables:
            session.duck.execute(
                f"DELETE FROM _fs_global._fs_information_schema.{table} WHERE {condition}",
                [database, schema],
            )
    local = session.local
    for function in list(local.functions):
        if (function.database, function.schema) == (database, schema):
            local.functions.drop(function.path, function.signature)
    for known in (local.sql_functions, local.procedures):
        for one in list(known):
            if one.path.rpartition(".")[0] == f"{database}.{schema}":
                known.drop(session.duck, one.path, len(one.arguments))
    remove_files(session, database, schema)


def forget_comment(session: "Session", name: tuple[str, str, str]) -> None:
    """Delete the comment of a table or view that is gone, or is made anew."""
    with contextlib.closing(session.duck.cursor()) as duck:  # a transaction writes one database
        duck.execute(
            """DELETE FROM _fs_global._fs_information_schema._fs_tables_ext
               WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?""",
            name,
        )


def remove_files(session: "Session", *path: str) -> None:
    """Delete the files of a stage (database, schema and name), or of a schema's stages."""
    root = session.local.folder.stages.resolve()
    place = root.joinpath(*path).resolve()
    if place.is_relative_to(root) and place.parts[len(root.parts) :] == path:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(place)
