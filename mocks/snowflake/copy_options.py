"""COPY INTO's options: those that are exact here, and a refusal for each other.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

import re
from dataclasses import dataclass

from fakesnow.transforms.options import parse_options
from sqlglot import Expr, exp

from mocks.snowflake.errors import StatementFailed, compilation, unsupported

MAX_FILES = 1000
FormatOptions = dict[str, object]


@dataclass(frozen=True)
class CopyOptions:
    """The options of a COPY INTO statement, without its table and source."""

    files: tuple[str, ...] = ()
    force: bool = False
    file_format: FormatOptions | None = None
    """As written; None leaves it to the stage."""
    match_by_column_name: str = "NONE"
    pattern: str | None = None
    """A regular expression for the whole of a file's path below the source."""
    purge: bool = False
    on_error: str = "ABORT_STATEMENT"
    validation_mode: str = ""


def copy_options(expression: exp.Copy) -> CopyOptions:
    """The options of a COPY INTO.

    Raises:
        StatementFailed: 2 for an option that is not exact here, 1006 for one that doesn't exist.
    """
    found: dict[str, object] = {}
    for option in expression.args.get("params") or []:
        name = option.this.name.upper()
        if name in ("FILE_FORMAT", "FILES"):
            continue
        _read_option(name, option.args.get("expression"), found)
    return CopyOptions(
        files=_files(expression),
        force=bool(found.get("FORCE", False)),
        file_format=_file_format(expression),
        match_by_column_name=str(found.get("MATCH_BY_COLUMN_NAME", "NONE")).upper(),
        pattern=str(found["PATTERN"]) if "PATTERN" in found else None,
        purge=found.get("PURGE") is True,
        on_error=str(found.get("ON_ERROR", "ABORT_STATEMENT")).upper(),
        validation_mode=str(found.get("VALIDATION_MODE", "")).upper(),
    )


def _read_option(name: str, value: Expr | None, found: dict[str, object]) -> None:
    given = _boolean_or_text(value)
    if name in ("FORCE", "PURGE", "MATCH_BY_COLUMN_NAME", "PATTERN"):
        found[name] = given
    elif name in _FORMS:
        if not _FORMS[name].fullmatch(str(given)):
            raise unsupported(f"{name} = {given}")
        found[name] = given
    elif name in _UNSUPPORTED:
        raise unsupported(f"COPY INTO with {name}")
    else:
        raise compilation(1006, "22023", f"invalid parameter '{name}'")


_FORMS = {
    "ON_ERROR": re.compile(r"ABORT_STATEMENT|CONTINUE|SKIP_FILE(_[1-9]\d*)?", re.IGNORECASE),
    "VALIDATION_MODE": re.compile(r"RETURN_(\d+_ROWS|ERRORS|ALL_ERRORS)", re.IGNORECASE),
}
_UNSUPPORTED = frozenset(
    {
        "SIZE_LIMIT", "RETURN_FAILED_ONLY", "ENFORCE_LENGTH", "TRUNCATECOLUMNS",
        "LOAD_UNCERTAIN_FILES", "FILE_PROCESSOR", "LOAD_MODE", "INCLUDE_METADATA",
    }
)  # fmt: skip


def _boolean_or_text(value: Expr | None) -> object:
    if value is None:
        return True
    return value.this if isinstance(value, exp.Boolean) else value.name


def _files(expression: exp.Copy) -> tuple[str, ...]:
    for option in expression.args.get("params") or []:
        if option.this.name.upper() == "FILES":
            files = tuple(literal.name for literal in option.find_all(exp.Literal))
            if len(files) > MAX_FILES:
                raise StatementFailed(
                    1112,
                    "54000",
                    f"Number of files ({len(files)}) in FILES exceeds the limit of {MAX_FILES}.",
                )
            return files
    return ()


def _file_format(expression: Expr) -> FormatOptions | None:
    for option in expression.args.get("params") or []:
        if option.this.name.upper() == "FILE_FORMAT":
            return given_format(option)
    return None


def given_format(option: Expr) -> FormatOptions:
    """The options of ``FILE_FORMAT = (…)``, or the name of ``FILE_FORMAT = name``."""
    named = option.args.get("expression")
    if isinstance(named, exp.Literal):
        return {"FORMAT_NAME": named.name}
    return {"FORMAT_NAME": named.sql("snowflake")} if named else format_options(option.expressions)


def format_options(properties: list[Expr]) -> FormatOptions:
    """The options of a file format as they are written, a format's name among them.

    ``FORMAT_NAME`` may name it as an identifier, which `parse_options` doesn't read.
    """
    options: FormatOptions = {}
    for item in properties:
        if isinstance(item, exp.SequenceProperties) and not any(item.args.values()):
            continue  # which is how sqlglot reads a comma
        value = item.args.get("value")
        if isinstance(value, exp.Table | exp.Identifier | exp.Column):
            options[item.name.upper()] = value.sql(dialect="snowflake")
        else:
            options |= parse_options([item])
    return options
