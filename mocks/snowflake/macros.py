"""SQL functions of ours in DuckDB, and fakesnow's under a name that every session finds."""

from fakesnow import macros
from fakesnow.instance import GLOBAL_DATABASE_NAME
from sqlglot import Expr, exp

_HOME = f"{GLOBAL_DATABASE_NAME}.main"
_VARIANT_TYPE = f"""
CREATE OR REPLACE MACRO {_HOME}._variant_type(value) AS (
    CASE json_type(to_json(value))
    WHEN 'VARCHAR' THEN 'VARCHAR' WHEN 'BOOLEAN' THEN 'BOOLEAN' WHEN 'ARRAY' THEN 'ARRAY'
    WHEN 'OBJECT' THEN 'OBJECT' WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER'
    WHEN 'BIGINT' THEN 'INTEGER'
    WHEN 'DOUBLE' THEN CASE WHEN contains(lower(value::VARCHAR), 'e') THEN 'DOUBLE'
                            WHEN ends_with(to_json(value)::VARCHAR, '.0') THEN error(
                                'Unsupported feature ''the type of ' || to_json(value)::VARCHAR
                                || ' in JSON, which may be a DOUBLE''')
                            WHEN contains(to_json(value)::VARCHAR, '.') THEN 'DECIMAL'
                            ELSE 'INTEGER' END
    END
);
"""
# Without fakesnow's subquery, in which COUNT(*) counts the keys and no column of GROUP BY is known.
_OBJECT = f"""
CREATE OR REPLACE MACRO {_HOME}._fs_object_construct(keys, vals, keep_nulls) AS (
    CAST(to_json(map_from_entries(list_filter(
        list_zip(CAST(keys AS VARCHAR[]), CAST(vals AS JSON[])),
        lambda pair: pair[1] IS NOT NULL AND (keep_nulls OR pair[2] IS NOT NULL)
    ))) AS JSON)
);
"""
_REAL = f"""
CREATE OR REPLACE MACRO {_HOME}._real(value, a, b, called) AS (
    CASE WHEN value IS NULL OR isfinite(value) OR NOT (isfinite(a) AND isfinite(b)) THEN value
         ELSE error('Invalid floating point operation: ' || called) END
);
"""
_HEX = "([0-9A-Fa-f]{2})*"
_UNHEX = f"""
CREATE OR REPLACE MACRO {_HOME}._try_unhex(text) AS (
    CASE WHEN regexp_full_match(text, '{_HEX}') THEN unhex(text) END
);
CREATE OR REPLACE MACRO {_HOME}._unhex(text) AS (
    CASE WHEN text IS NULL OR regexp_full_match(text, '{_HEX}') THEN unhex(text)
         ELSE error('not a legal hex-encoded value: ''' || text || '''') END
);
"""
CREATION_SQL = macros.creation_sql(GLOBAL_DATABASE_NAME) + _VARIANT_TYPE + _OBJECT + _REAL + _UNHEX
_OURS = ("_FS_", "_VARIANT_TYPE", "_REAL", "_UNHEX", "_TRY_UNHEX")


def qualify(node: Expr) -> Expr:
    """Call macros by their full name: the current schema of a session isn't where they are."""
    is_qualified = str(node.this).startswith(_HOME)
    if isinstance(node, exp.Anonymous) and not is_qualified and node.name.upper().startswith(_OURS):
        return exp.Anonymous(this=f"{_HOME}.{str(node.this).lower()}", expressions=node.expressions)
    return node
