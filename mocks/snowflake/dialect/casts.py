"""Casts, by what is cast and to what.

https://docs.snowflake.com/en/sql-reference/data-type-conversion
"""

import re
from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake import time_format
from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect import timestamps
from mocks.snowflake.dialect.arithmetic import Number
from mocks.snowflake.dialect.json_values import FLOATS, JSON, as_text, call, text_of, variant_of
from mocks.snowflake.dialect.scopes import UNKNOWN
from mocks.snowflake.dialect.texts import UNHEX, is_text, read_binary
from mocks.snowflake.dialect.tried import tried
from mocks.snowflake.dialect.typed import Rule
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import UNRECOGNIZED, StatementFailed, compilation, unsupported
from mocks.snowflake.names import CALLED

_Type = exp.DataType.Type
_TEXTS = frozenset({_Type.VARCHAR, _Type.TEXT, _Type.CHAR, _Type.NCHAR, _Type.NVARCHAR})
_BINARIES = frozenset({_Type.BINARY, _Type.VARBINARY})
_WHOLE = frozenset({_Type.INT128, _Type.BIGINT, _Type.INT})
_NUMBERS = frozenset({*_WHOLE, *exp.DataType.REAL_TYPES, *exp.DataType.INTEGER_TYPES})
_OTHER_NUMBER = r"_|^\s*[+-]?0[xXbB]"  # 1_000, 0x1F: numbers to DuckDB alone
_WITH_ZONE = frozenset({_Type.TIMESTAMPTZ, _Type.TIMESTAMPLTZ})
_MOMENTS = (_Type.TIMESTAMP, _Type.TIMESTAMPNTZ)
_READ = frozenset({*_MOMENTS, *_WITH_ZONE, _Type.DATE})
_TIMESTAMPS = frozenset({_Type.TIMESTAMP, _Type.TIMESTAMPNTZ, *_WITH_ZONE})
_CONTAINERS = frozenset({_Type.ARRAY, _Type.OBJECT})
_PRECISIONS = {0: "second", 3: "millisecond"}
WANTED = "wanted"
"""The note on a cast of the type that the statement names, where DuckDB's is a larger one."""


def note(node: Expr) -> Expr:
    """Keep what DuckDB's type for the cast will not tell any more: lengths, precisions, zones."""
    if isinstance(node, exp.Cast | exp.TryCast):
        node.meta[WANTED] = node.to.copy()
    return node


def _unread(node: Expr) -> Expr:
    """A text that DuckDB reads, and Snowflake doesn't."""
    if not isinstance(node, exp.TryCast):
        raise time_format.unrecognized(node.this.name, _kind_of_time(node.args["to"]))
    node.set("this", exp.null())
    return node


def _kind_of_time(kind: exp.DataType) -> str:
    return {_Type.DATE: "Date", _Type.TIME: "Time"}.get(kind.this, "Timestamp")


def read_literal(node: Expr) -> Expr:
    """A date or timestamp in another form than DuckDB reads, as DuckDB does read it."""
    is_cast = isinstance(node, exp.Cast | exp.TryCast) and node.to.this in (*_READ, _Type.TIME)
    if not is_cast or not isinstance(node.this, exp.Literal) or not node.this.is_string:
        return node
    text, kind = node.this.name.strip(), _kind_of_time(node.args["to"])
    if not re.fullmatch(_iso(kind), text):
        try:
            read = time_format.time_of(text, kind)
        except StatementFailed:
            return _unread(node)
        node.set("this", exp.Literal.string(str(read.time() if kind == "Time" else read)))
    return node


def _iso(kind: str) -> str:
    return time_format.ISO_TIME if kind == "Time" else time_format.ISO


def _operand(node: Expr) -> Sequence[Expr]:
    target = node.to.this  # type: ignore[attr-defined]
    if _is_own_try(node) and not (isinstance(node.this, exp.Literal) and node.this.is_string):
        return (node.this,)
    if timestamps.is_timestamp_cast(node) and not _precision(node):
        return timestamps.operand(node)
    if isinstance(node.this, exp.Null):
        return ()
    if target in _NUMBERS and isinstance(node.this, exp.Literal) and node.this.is_string:
        if re.search(_OTHER_NUMBER, node.this.name):
            node.set("this", exp.Literal.string(f"{node.this.name}{UNRECOGNIZED}"))
        return ()
    is_constant = isinstance(node.this, exp.Literal) or is_text(node.this)
    is_read = target in _READ and not isinstance(node.this, exp.Literal)
    is_plain = not is_read and target not in (*_BINARIES, _Type.BOOLEAN) and _length(node) is None
    is_plain = is_plain and not _keeps_offset(node) and _precision(node) is None
    return () if is_constant and is_plain and target != _Type.JSON else (node.this,)


def _is_own_try(node: Expr) -> bool:
    """Tell whether a node is a TRY_CAST that the statement has itself."""
    return isinstance(node, exp.TryCast) and WANTED in node.meta


_TRIED = ("VARCHAR", '"NULL"', UNKNOWN)


def _other_try(kind: str, wanted: str) -> StatementFailed:
    types = f"{in_snowflakes_words(kind)} and {wanted}"
    told = f"Function TRY_CAST cannot be used with arguments of types {types}"
    return compilation(1065, "22023", told)


def _write_boolean(node: Expr, kinds: Sequence[str]) -> Expr:
    """TRY_CAST to BOOLEAN, which sqlglot reads as TRY_TO_BOOLEAN."""
    if kinds[0] not in _TRIED:
        raise _other_try(kinds[0], "BOOLEAN")
    return node


def _write(node: Expr, kinds: Sequence[str]) -> Expr:
    target, kind = node.to.this, kinds[0]  # type: ignore[attr-defined]
    if _is_own_try(node) and (kind not in _TRIED or target == _Type.JSON):
        raise _other_try(kind, node.meta[WANTED].sql(dialect="snowflake"))
    for targets, writer in _BY_TARGET:
        if target in targets:
            return writer(node, kind)
    if kind == JSON:
        node.set("this", text_of(node.this))
        kind = "VARCHAR"
    if timestamps.is_timestamp_cast(node):
        return _to_timestamp(node, kind)
    if kind in FLOATS and target in _WHOLE:
        node.set("this", exp.Anonymous(this="round", expressions=[node.this.copy()]))
    return _of_text(node) if kind == "VARCHAR" else node


def _of_text(node: Expr) -> Expr:
    """A cast of a text to anything but a text, BINARY, VARIANT or TIMESTAMP_NTZ."""
    target = node.args["to"].this
    if target in _NUMBERS:
        node.set("this", _number_text(node.this))
    if target in _WITH_ZONE:
        node.set("this", call(name.IN_UTC if _keeps_offset(node) else name.ZONED, node.this))
    if target == _Type.DATE:
        return exp.cast(_read_as(node, "Date"), "date")
    if target == _Type.TIME:
        return _read_as(node, "Time")
    if target == _Type.BOOLEAN:
        return exp.ToBoolean(this=node.this.copy(), safe=isinstance(node, exp.TryCast))
    return node


def _number_text(text: Expr) -> Expr:
    """A text of which DuckDB makes the numbers that Snowflake makes of it, and no others."""
    return _unless(call("regexp_matches", text, exp.Literal.string(_OTHER_NUMBER)), text)


def _unless(is_other: Expr, text: Expr) -> Expr:
    """A text that DuckDB reads, unless it is one that Snowflake doesn't."""
    refused = call("concat", text, exp.Literal.string(UNRECOGNIZED))
    return exp.case().when(is_other, refused).else_(text.copy())


def _to_timestamp(node: Expr, kind: str) -> Expr:
    written = timestamps.write(node, (kind,))
    return _cut(_read_as(node, "Timestamp") if kind == "VARCHAR" else written, node)


def _read_as(node: Expr, kind: str) -> Expr:
    """A text as DuckDB reads it, or else by the other forms that Snowflake detects.

    CASE keeps DuckDB from reading by those forms what needs none of them: what two expressions
    share it computes for every row, but for what stands in a CASE.
    """
    target = node.args["to"]

    def read_otherwise(text: Expr) -> Expr:
        return call(name.TIME_OF, text, exp.Literal.string(kind))

    is_tried = isinstance(node, exp.TryCast)
    other = tried(read_otherwise, node.this) if is_tried else read_otherwise(node.this)
    if kind == "Time":
        other = exp.cast(other, target.copy())
    is_iso = call("regexp_full_match", node.this, exp.Literal.string(_iso(kind)))
    read = exp.TryCast(this=node.this.copy(), to=target.copy())
    either = exp.func("coalesce", exp.case().when(is_iso, read), other)
    is_there = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null()))
    return exp.case().when(is_there, either)


def is_read(kind: str) -> bool:
    """Tell whether DuckDB makes another value of some text in a column of one of its types."""
    return kind in _READ_INTO or Number.of(kind) is not None


def read_text(text: Expr, kind: str) -> Expr:
    """A text on its way into a column of a type of DuckDB's for which `is_read` is true."""
    if kind == "BOOLEAN":
        return exp.ToBoolean(this=text.copy(), safe=False)
    if kind in FLOATS or Number.of(kind):
        return _number_text(text)
    return _read_as(exp.cast(text.copy(), kind), kind.title())


def refuse_number(text: str) -> None:
    """Return for a text that DuckDB and Snowflake make the same number of, or none.

    Raises:
        StatementFailed: 100038.
    """
    if re.search(_OTHER_NUMBER, text):
        raise StatementFailed(100038, "22018", f"Numeric value '{text}' is not recognized")


_READ_INTO = frozenset({"DATE", "TIMESTAMP", "TIME", "BOOLEAN", *FLOATS})


def _keeps_offset(node: Expr) -> bool:
    """Tell whether a node is a cast to TIMESTAMP_TZ whose offset matters."""
    wanted = node.meta.get(WANTED)
    is_converted = _is_moment(node.parent) or node.meta.get(timestamps.IS_CONVERTED)
    return wanted is not None and wanted.this == _Type.TIMESTAMPTZ and not is_converted


def _is_moment(parent: Expr | None) -> bool:
    """Tell whether a parent node uses only the instant of a timestamp and not its offset."""
    is_epoch = isinstance(parent, exp.Extract) and parent.name.upper().startswith("EPOCH")
    return is_epoch or isinstance(parent, _OF_MOMENTS)


_OF_MOMENTS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.DateDiff, exp.ConvertTimezone)


def _to_variant(node: Expr, kind: str) -> Expr:
    wanted = node.meta.get(WANTED)
    if kind != JSON and wanted is not None and wanted.this in _CONTAINERS:
        raise unsupported(f"a cast of {in_snowflakes_words(kind)} to {wanted.this.name}")
    if kind != JSON:
        return variant_of(node.this, kind)
    if wanted is None or wanted.this not in _CONTAINERS:
        return node.this
    value = node.this
    is_null = exp.Or(
        this=exp.Is(this=value.copy(), expression=exp.null()),
        expression=exp.EQ(this=call("json_type", value), expression=exp.Literal.string("NULL")),
    )
    fits = exp.EQ(this=call("json_type", value), expression=exp.Literal.string(wanted.this.name))
    other = call("json_array", value)
    if wanted.this == _Type.OBJECT:
        other = call("error", exp.Literal.string("Failed to cast variant value to OBJECT"))
    return exp.Case(
        ifs=[exp.If(this=is_null, true=exp.null()), exp.If(this=fits, true=value.copy())],
        default=other,
    )


def _to_text(node: Expr, kind: str) -> Expr:
    if kind != "VARCHAR":
        node.set("this", as_text(node.this, kind).copy())
    length = _length(node)
    if length is None:
        return node
    text = exp.cast(node.this.copy(), "text")
    fits = exp.LTE(this=exp.Length(this=text), expression=exp.Literal.number(length))
    no_text = exp.null()
    if not isinstance(node, exp.TryCast):
        no_text = call("error", exp.Literal.string(TOO_LONG))
    is_null = exp.Is(this=text.copy(), expression=exp.null())
    found = [exp.If(this=exp.Or(this=is_null, expression=fits), true=text.copy())]
    return exp.cast(exp.Case(ifs=found, default=no_text), "text")


TOO_LONG = "String is too long and would be truncated"


def _length(node: Expr) -> int | None:
    wanted = node.meta.get(WANTED)
    if wanted is None or wanted.this not in _TEXTS:
        return None
    if wanted.expressions:
        return int(wanted.expressions[0].name)
    return 1 if wanted.this in (_Type.CHAR, _Type.NCHAR) else None


def _to_binary(node: Expr, kind: str) -> Expr:
    if kind in ("BLOB", '"NULL"'):
        return node
    if kind not in ("VARCHAR", JSON):
        raise unsupported(f"a cast of {in_snowflakes_words(kind)} to BINARY")
    return read_binary(UNHEX, as_text(node.this, kind), is_tried=isinstance(node, exp.TryCast))


def _precision(node: Expr) -> str | None:
    """The unit to which a timestamp is cut; DuckDB's microseconds are what is kept anyway."""
    wanted = node.meta.get(WANTED)
    if wanted is None or not wanted.expressions or wanted.this not in _TIMESTAMPS:
        return None
    digits = int(wanted.expressions[0].name)
    if digits not in _PRECISIONS and digits < 6:
        raise unsupported(f"{wanted.sql(dialect='snowflake')}", "precisions are 0, 3, 6 and 9 here")
    return _PRECISIONS.get(digits)


def _cut(cast: Expr, node: Expr) -> Expr:
    unit = _precision(node)
    return call("date_trunc", exp.Literal.string(unit), cast) if unit else cast


_BY_TARGET = ((frozenset({_Type.JSON}), _to_variant), (_TEXTS, _to_text), (_BINARIES, _to_binary))
_RULE = Rule(_operand, _write)
RULES: dict[type[Expr], Rule] = {
    exp.Cast: _RULE,
    exp.TryCast: _RULE,
    exp.ToBoolean: Rule(
        lambda node: (node.this,) if node.args.get("safe") and CALLED not in node.meta else (),
        _write_boolean,
    ),
}
