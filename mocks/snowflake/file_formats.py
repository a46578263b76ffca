"""The options of file formats: which of them a type has, and the values that they take.

CREATE FILE FORMAT, CREATE STAGE and whatever reads or writes files ask here; which of them are
exact is told by what reads the type, see copy_csv.py and copy_sources.py.
https://docs.snowflake.com/en/sql-reference/sql/create-file-format
"""

from collections.abc import Callable, Mapping

from mocks.snowflake.errors import StatementFailed, compilation

_Fits = Callable[[object], bool]


def _is_any(_: object) -> bool:
    return True


def _is_boolean(value: object) -> bool:
    return str(value).upper() in ("TRUE", "FALSE")


def _is_count(value: object) -> bool:
    return str(value).isdecimal()


def _is_quote(value: object) -> bool:
    """A quotation mark, be it by its number, or none."""
    text = str(value).upper()
    return text in ("", "NONE", "'", '"') or text.startswith(("\\", "0X"))


def _one_of(words: str) -> _Fits:
    known = words.split()
    return lambda value: str(value).upper() in known


_COMPRESSION = _one_of("AUTO GZIP BZ2 BROTLI ZSTD DEFLATE RAW_DEFLATE NONE")
_BOOLEANS = """
    MULTI_LINE PARSE_HEADER SKIP_BLANK_LINES TRIM_SPACE ERROR_ON_COLUMN_COUNT_MISMATCH
    REPLACE_INVALID_CHARACTERS VALIDATE_UTF8 EMPTY_FIELD_AS_NULL SKIP_BYTE_ORDER_MARK ENABLE_OCTAL
    ALLOW_DUPLICATE STRIP_OUTER_ARRAY STRIP_NULL_VALUES IGNORE_UTF8_ERRORS SNAPPY_COMPRESSION
    BINARY_AS_TEXT USE_LOGICAL_TYPE USE_VECTORIZED_SCANNER PRESERVE_SPACE STRIP_OUTER_ELEMENT
    DISABLE_SNOWFLAKE_DATA DISABLE_AUTO_CONVERT
"""
_ANY = """
    RECORD_DELIMITER FIELD_DELIMITER FILE_EXTENSION DATE_FORMAT TIME_FORMAT TIMESTAMP_FORMAT ESCAPE
    ESCAPE_UNENCLOSED_FIELD NULL_IF ENCODING
"""
_VALUES: dict[str, _Fits] = {
    **dict.fromkeys(_BOOLEANS.split(), _is_boolean),
    **dict.fromkeys(_ANY.split(), _is_any),
    "COMPRESSION": _COMPRESSION,
    "SKIP_HEADER": _is_count,
    "BINARY_FORMAT": _one_of("HEX BASE64 UTF8 UTF-8"),
    "FIELD_OPTIONALLY_ENCLOSED_BY": _is_quote,
}
"""For each option whether a value fits it."""
_SHARED = "COMPRESSION TRIM_SPACE NULL_IF REPLACE_INVALID_CHARACTERS"
_TIMES = "DATE_FORMAT TIME_FORMAT TIMESTAMP_FORMAT BINARY_FORMAT"
_OF_TYPES = {
    "CSV": f"""
        {_SHARED} {_TIMES} RECORD_DELIMITER FIELD_DELIMITER MULTI_LINE FILE_EXTENSION PARSE_HEADER
        SKIP_HEADER SKIP_BLANK_LINES ESCAPE ESCAPE_UNENCLOSED_FIELD FIELD_OPTIONALLY_ENCLOSED_BY
        ERROR_ON_COLUMN_COUNT_MISMATCH VALIDATE_UTF8 EMPTY_FIELD_AS_NULL SKIP_BYTE_ORDER_MARK
        ENCODING
    """,
    "JSON": f"""
        {_SHARED} {_TIMES} MULTI_LINE FILE_EXTENSION ENABLE_OCTAL ALLOW_DUPLICATE STRIP_OUTER_ARRAY
        STRIP_NULL_VALUES IGNORE_UTF8_ERRORS SKIP_BYTE_ORDER_MARK
    """,
    "AVRO": _SHARED,
    "ORC": _SHARED,
    "PARQUET": f"""
        {_SHARED} SNAPPY_COMPRESSION BINARY_AS_TEXT USE_LOGICAL_TYPE USE_VECTORIZED_SCANNER
    """,
    "XML": f"""
        {_SHARED} IGNORE_UTF8_ERRORS PRESERVE_SPACE STRIP_OUTER_ELEMENT DISABLE_SNOWFLAKE_DATA
        DISABLE_AUTO_CONVERT SKIP_BYTE_ORDER_MARK
    """,
}
_OPTIONS = {kind: frozenset(names.split()) for kind, names in _OF_TYPES.items()}


def check(options: Mapping[str, object]) -> None:
    """Check the options of a file format as they are written; a format's name may be among them.

    Raises:
        StatementFailed: 1006 for an option that doesn't exist or isn't of the type, 1008 for a
            value that it can't have.
    """
    is_named = "FORMAT_NAME" in options and "TYPE" not in options
    kind = str(options.get("TYPE", "CSV")).upper()
    if kind not in _OPTIONS:
        raise _invalid_value("TYPE", options["TYPE"])
    for name, value in options.items():
        if name in ("TYPE", "FORMAT_NAME"):
            continue
        if name not in _VALUES:
            raise compilation(1006, "22023", f"invalid parameter '{name}'")
        if not is_named and name not in _OPTIONS[kind]:
            message = f"Option {name} is not valid for file format type {kind}."
            raise compilation(1006, "22023", message)
        fits = _VALUES[name]
        is_packed = kind == "PARQUET" and name == "COMPRESSION" and not is_named
        if not (_IN_PARQUET if is_packed else fits)(value):
            raise _invalid_value(name, value)


_IN_PARQUET = _one_of("AUTO GZIP LZO SNAPPY NONE")  # GZIP is not documented; write_pandas sends it


def _invalid_value(name: str, value: object) -> StatementFailed:
    text = f"'{value}'" if isinstance(value, str) else str(value).upper()
    return compilation(1008, "22023", f"invalid value [{text}] for parameter '{name}'")
