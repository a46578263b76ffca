"""DuckDB's names of types in messages, as Snowflake's."""

import re

_NAMES = {
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ", "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ", '"NULL"': "NULL",
    "HUGEINT": "NUMBER(38,0)", "INT128": "NUMBER(38,0)", "UBIGINT": "INTEGER", "DOUBLE": "FLOAT",
    "DECIMAL": "NUMBER", "BLOB": "BINARY", "JSON": "VARIANT", "INTEGER_LITERAL": "INTEGER",
    "STRING_LITERAL": "STRING",
}  # fmt: skip
_NAME = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, _NAMES))})(?!\w)")


def in_snowflakes_words(text: str) -> str:
    """A type, or a message with types, in Snowflake's words; a type that isn't known is told so."""
    return _NAME.sub(lambda found: _NAMES[found[0]], text) or "an unknown type"
