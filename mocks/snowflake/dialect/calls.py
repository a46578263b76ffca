"""Functions that are written in DuckDB as they stand: a row of SQL each.

How one is added, `mocks/snowflake/README.md` tells step by step.
In a row, ``$1`` is the first argument as it is, ``$1t`` its text (as Snowflake casts it to
VARCHAR), ``$1r`` its FLOAT, ``$1v`` the JSON of it as a VARIANT, and ``#1`` a number that the
statement has to give as such. What DuckDB has no words for is a function of `text_functions.py` or
`variant_values.py`.
"""

import functools
import re
from collections.abc import Sequence

from sqlglot import Expr, exp, parse_one

from mocks.snowflake import macros
from mocks.snowflake.dialect.typed import DONE
from mocks.snowflake.errors import unsupported
from mocks.snowflake.names import CALLED

_ROWS = """
    ARRAYS_TO_OBJECT: json(_variant_arrays_to_object($1v, $2v))
    ARRAYS_ZIP: json(_variant_arrays_zip('[' || $1v || ']'))
    ARRAYS_ZIP: json(_variant_arrays_zip('[' || $1v || ',' || $2v || ']'))
    ARRAYS_ZIP: json(_variant_arrays_zip('[' || $1v || ',' || $2v || ',' || $3v || ']'))
    ARRAY_UNION_AGG: json(_variant_array_union(CAST(to_json(list($1)) AS VARCHAR)))
    ARRAY_REVERSE: json(_variant_array_reverse($1v))
    AS_ARRAY: json(_variant_as_array($1v))
    AS_BOOLEAN: CAST(_variant_as_boolean($1v) AS BOOLEAN)
    AS_CHAR: _variant_as_varchar($1v)
    AS_DECIMAL: CAST(_variant_as_number($1v) AS DECIMAL(38, 0))
    AS_DECIMAL: CAST(_variant_as_number($1v) AS DECIMAL(#2, 0))
    AS_DECIMAL: CAST(_variant_as_number($1v) AS DECIMAL(#2, #3))
    AS_DOUBLE: CAST(_variant_as_double($1v) AS DOUBLE)
    AS_INTEGER: CAST(_variant_as_number($1v) AS DECIMAL(38, 0))
    AS_NUMBER: CAST(_variant_as_number($1v) AS DECIMAL(38, 0))
    AS_NUMBER: CAST(_variant_as_number($1v) AS DECIMAL(#2, 0))
    AS_NUMBER: CAST(_variant_as_number($1v) AS DECIMAL(#2, #3))
    AS_OBJECT: json(_variant_as_object($1v))
    AS_REAL: CAST(_variant_as_double($1v) AS DOUBLE)
    AS_VARCHAR: _variant_as_varchar($1v)
    BOOLAND: (round($1r) <> 0 AND round($2r) <> 0)
    BOOLNOT: (round($1r) = 0)
    BOOLOR: (round($1r) <> 0 OR round($2r) <> 0)
    BOOLXOR: ((round($1r) <> 0) <> (round($2r) <> 0))
    CBRT: CASE WHEN pow(round(cbrt($1)), 3) = $1 THEN round(cbrt($1)) ELSE cbrt($1) END
    GETBIT: CAST((CAST($1 AS BIGINT) >> CAST($2 AS BIGINT)) & 1 AS BIGINT)
    GET_IGNORE_CASE: json(_variant_get_ignore_case($1v, $2t))
    HLL: approx_count_distinct($1)
    HEX_DECODE_STRING: decode(_unhex($1t))
    IS_BOOLEAN: _variant_type(CAST($1v AS JSON)) = 'BOOLEAN'
    IS_CHAR: _variant_type(CAST($1v AS JSON)) = 'VARCHAR'
    IS_DECIMAL: _variant_type(CAST($1v AS JSON)) IN ('INTEGER', 'DECIMAL')
    IS_DOUBLE: _variant_type(CAST($1v AS JSON)) IN ('INTEGER', 'DECIMAL', 'DOUBLE')
    IS_INTEGER: _variant_type(CAST($1v AS JSON)) = 'INTEGER'
    IS_OBJECT: _variant_type(CAST($1v AS JSON)) = 'OBJECT'
    IS_REAL: _variant_type(CAST($1v AS JSON)) IN ('INTEGER', 'DECIMAL', 'DOUBLE')
    IS_VARCHAR: _variant_type(CAST($1v AS JSON)) = 'VARCHAR'
    MD5_NUMBER_LOWER64: CAST('0x' || right(md5($1t), 16) AS HUGEINT)
    MD5_NUMBER_UPPER64: CAST('0x' || left(md5($1t), 16) AS HUGEINT)
    MD5_BINARY: unhex(md5($1t))
    PARSE_URL: json(_parse_url($1t, 0))
    PARSE_URL: json(_parse_url($1t, #2))
    RANDOM: CAST((random() - 0.5) * 18446744073709551615::DOUBLE AS BIGINT)
    REGEXP_INSTR: _regexp_instr($1t, $2t, #3, #4, #5, $6t, #7)
    REGEXP_REPLACE: _regexp_replace($1t, $2t, $3t, #4, 0, 'c')
    REGEXP_REPLACE: _regexp_replace($1t, $2t, $3t, #4, #5, 'c')
    REGEXP_REPLACE: _regexp_replace($1t, $2t, $3t, #4, #5, $6t)
    REGEXP_SUBSTR: json_extract_string(_regexp_substr_all($1t, $2t, 1, 1, 'c', 0), '$[0]')
    REGEXP_SUBSTR: json_extract_string(_regexp_substr_all($1t, $2t, #3, 1, 'c', 0), '$[0]')
    REGEXP_SUBSTR: json_extract_string(_regexp_substr_all($1t, $2t, #3, #4, 'c', 0), '$[0]')
    REGEXP_SUBSTR: json_extract_string(_regexp_substr_all($1t, $2t, #3, #4, $5t, 0), '$[0]')
    REGEXP_SUBSTR: json_extract_string(_regexp_substr_all($1t, $2t, #3, #4, $5t, #6), '$[0]')
    REGEXP_SUBSTR_ALL: json(_regexp_substr_all($1t, $2t, 1, 1, 'c', 0))
    REGEXP_SUBSTR_ALL: json(_regexp_substr_all($1t, $2t, #3, 1, 'c', 0))
    REGEXP_SUBSTR_ALL: json(_regexp_substr_all($1t, $2t, #3, #4, 'c', 0))
    REGEXP_SUBSTR_ALL: json(_regexp_substr_all($1t, $2t, #3, #4, $5t, 0))
    REGEXP_SUBSTR_ALL: json(_regexp_substr_all($1t, $2t, #3, #4, $5t, #6))
    REGR_VALX: CASE WHEN $1 IS NOT NULL THEN $2 END
    SHA2: sha256($1t)
    SHA2: _sha2($1t, #2)
    SHA2_BINARY: unhex(sha256($1t))
    SHA2_BINARY: unhex(_sha2($1t, #2))
    SHA2_HEX: sha256($1t)
    SHA2_HEX: _sha2($1t, #2)
    SOUNDEX: _soundex($1t)
    SOUNDEX_P123: _soundex_p123($1t)
    STRTOK_TO_ARRAY: json(_strtok_to_array($1t, ' '))
    STRTOK_TO_ARRAY: json(_strtok_to_array($1t, $2t))
    TO_OBJECT: json(_variant_to_object($1v))
    TO_ARRAY: json(_variant_to_array($1v))
    TRY_BASE64_DECODE_STRING: try(decode(from_base64($1t)))
    TRY_HEX_DECODE_STRING: CASE WHEN length($1t) % 2 = 0 THEN try(decode(unhex($1t))) END
    WIDTH_BUCKET: _width_bucket($1t, $2t, $3t, #4)
"""
_OF_ONE = "ACOS ACOSH ASIN ATANH COSH COT EXP LN SINH SQRT"
_OF_TWO = "LOG POW POWER"
_REALS = [
    *(f"{f}: _real({f}($1r), $1r, 0, '{f.lower()}(' || $1r || ')')" for f in _OF_ONE.split()),
    *(
        f"{f}: _real({f}($1r, $2r), $1r, $2r, '{f.lower()}(' || $1r || ',' || $2r || ')')"
        for f in _OF_TWO.split()
    ),
]
"""Functions of FLOATs, which DuckDB answers with NaN or infinity where Snowflake has an error."""
_PLACES = re.compile(r"\$(\d)([tvr]?)|#(\d)")
_ELSEWHERE = frozenset({"REGEXP_INSTR", "REGEXP_REPLACE"})
"""Functions of which other numbers of arguments are written in other modules."""


def _read(rows: str) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for row in rows.strip().splitlines():
        name, _, sql = row.strip().partition(": ")
        sql = re.sub(r"^json\((.*)\)$", r"CAST(\1 AS JSON)", sql)  # as it is written
        count = max((int(place[1] or place[3]) for place in _PLACES.finditer(sql)), default=0)
        found.setdefault(name, {})[count] = sql
    return found


_CALLS = _read("\n".join((_ROWS.strip(), *_REALS)))


def write(node: exp.Func) -> Expr:
    """Write a call of a function that has a row; return any other call as it is."""
    name = node.meta.get(CALLED)
    return _written(node, name) if name in _CALLS else node


def _written(node: exp.Func, name: str) -> Expr:
    arguments = _arguments(node)
    sql = _CALLS[name].get(len(arguments))
    if sql is None:
        if name in _ELSEWHERE:
            return node
        raise unsupported(f"{name} of {len(arguments)} arguments")
    made = _template(_with_numbers(sql, name, arguments)).copy()
    for place in list(made.find_all(exp.Column)):
        number, form = int(place.name[1]), place.name[2:]
        place.replace(_FORMS[form](arguments[number - 1].copy()))
    return made


def _with_numbers(sql: str, name: str, arguments: Sequence[Expr]) -> str:
    def number(place: re.Match[str]) -> str:
        text = arguments[int(place[1]) - 1].sql()
        if not text.lstrip("-").isdigit():
            raise unsupported(f"{name} with {text} in place of a number")
        return text

    return re.sub(r"#(\d)", number, sql)


@functools.cache
def _template(sql: str) -> Expr:
    """The SQL of a row, parsed once; its places are columns of names like ``_1t``."""
    made = parse_one(_PLACES.sub(r"_\1\2", sql), read="duckdb").transform(macros.qualify)
    for node in made.walk():
        node.meta[DONE] = True  # it is DuckDB's already
    return made


def _arguments(node: exp.Func) -> list[Expr]:
    """A call's arguments in their order, which is that of sqlglot's names for them."""
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    names = _GIVEN.get(type(node), tuple(node.arg_types))
    if isinstance(node, _WITH_GROUP) and node.args.get("parameters") is None:
        names = names[:-1]  # sqlglot adds a group
    given = [node.args.get(name) for name in names]
    return [part for arg in given for part in (arg if isinstance(arg, list) else [arg])
            if isinstance(part, Expr)]  # fmt: skip


_WITH_GROUP = (exp.RegexpExtract, exp.RegexpExtractAll)
_GIVEN: dict[type[Expr], tuple[str, ...]] = {
    exp.Rand: (),  # sqlglot adds bounds
    exp.RegexpReplace: (
        "this", "expression", "replacement", "position", "occurrence", "modifiers"
    ),
    **dict.fromkeys(
        _WITH_GROUP, ("this", "expression", "position", "occurrence", "parameters", "group")
    ),
    exp.RegexpInstr: (
        "this", "expression", "position", "occurrence", "option", "parameters", "group"
    ),
}  # fmt: skip


def _raw_json(node: Expr) -> Expr:
    text = exp.cast(exp.cast(node, "variant"), "text")
    text.meta[DONE] = True
    return text


_FORMS = {
    "": lambda node: node,
    "t": lambda node: exp.cast(node, "text"),
    "v": _raw_json,
    "r": lambda node: exp.cast(node, "double"),
}
