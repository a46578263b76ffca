"""Functions that DuckDB has as well, with another meaning or other types of arguments."""

from sqlglot import Expr, exp

from mocks.snowflake.dialect.json_values import call
from mocks.snowflake.dialect.texts import is_text
from mocks.snowflake.dialect.typed import DONE
from mocks.snowflake.errors import invalid, unsupported

WHOLE = {  # arguments that DuckDB takes as BIGINT or INTEGER alone: NUMBER(38,0) is HUGEINT
    exp.StrPosition: ("position",),
    exp.Substring: ("start", "length"),
    exp.Left: ("expression",),
    exp.Right: ("expression",),
    exp.Repeat: ("times",),
    exp.Pad: ("expression",),
    exp.SplitPart: ("part_index",),
}


TEXTS: dict[type[Expr], tuple[str, ...]] = {  # arguments that are text, whatever is given
    exp.Strtok: ("this", "delimiter"),
    exp.RegexpCount: ("this", "expression"),
    exp.RegexpInstr: ("this", "expression"),
    exp.Ascii: ("this",),
    exp.RtrimmedLength: ("this",),
    exp.Split: ("this", "expression"),
    exp.SplitToTable: ("this", "expression"),
    exp.SplitPart: ("delimiter",),
    exp.Pad: ("fill_pattern",),
    exp.JSONExtractScalar: ("this",),
    exp.ParseJSON: ("this",),
    exp.CheckJson: ("this",),
    exp.ArrayToString: ("expression",),
    exp.ObjectAgg: ("this",),
    exp.ObjectInsert: ("key",),
    exp.PropertyEQ: ("this",),
    exp.JSONKeyValue: ("this",),
    exp.Anonymous: ("expressions",),
}
_CALLED = ("STRTOK_SPLIT_TO_TABLE", "TRY_PARSE_JSON")
INEXACT = (
    exp.Anonymous, exp.RegexpInstr, exp.Window, exp.NthValue, exp.ArgMax, exp.ArgMin,
    exp.ApproxDistinct,
)  # fmt: skip
_ORDERED = (exp.Rank, exp.DenseRank, exp.RowNumber, exp.PercentRank, exp.CumeDist, exp.Ntile,
            exp.Lag, exp.Lead)  # fmt: skip


def whole_arguments(node: Expr) -> Expr:
    """Cast positions and lengths to what DuckDB's functions take."""
    for name in WHOLE.get(type(node), ()):
        argument = node.args.get(name)
        number = argument.this if isinstance(argument, exp.Neg) else argument
        if isinstance(argument, Expr) and not isinstance(number, exp.Literal):
            node.set(name, exp.cast(argument, "int" if isinstance(node, exp.Pad) else "bigint"))
    return node


def text_arguments(node: Expr) -> Expr:
    """Cast to text what DuckDB's functions would take as it is: of a VARIANT with its quotes."""
    if isinstance(node, exp.Anonymous) and str(node.this).upper() not in _CALLED:
        return node
    for name in TEXTS.get(type(node), ()):
        given = node.args.get(name)
        for argument in given if isinstance(given, list) else [given]:
            is_other = isinstance(argument, Expr) and not isinstance(argument, exp.Identifier)
            if is_other and not is_text(argument):
                argument.replace(exp.cast(argument.copy(), "text"))
    return node


def replace_all(node: Expr) -> Expr:
    """REGEXP_REPLACE of every match, by nothing where no replacement is given."""
    if not node.args.get("replacement"):
        node.set("replacement", exp.Literal.string(""))
    node.set("modifiers", exp.Literal.string("g"))
    return node


def write_window(node: Expr) -> Expr:
    """RATIO_TO_REPORT and CONDITIONAL_TRUE_EVENT, which DuckDB has not.

    https://docs.snowflake.com/en/sql-reference/functions/ratio_to_report
    """
    called = node.this
    if not isinstance(node, exp.Window) or not isinstance(called, exp.Anonymous):
        return node
    name = str(called.this).upper()
    if name == "RATIO_TO_REPORT":
        total = node.copy()
        total.set("this", exp.Sum(this=called.expressions[0].copy()))
        return exp.Div(this=exp.paren(called.expressions[0].copy()), expression=total)
    if name == "CONDITIONAL_TRUE_EVENT":
        is_true = exp.cast(called.expressions[0].copy(), "boolean")
        one = exp.If(this=is_true, true=exp.Literal.number(1))
        counted = node.copy()
        counted.set("this", exp.Sum(this=exp.Case(ifs=[one], default=exp.Literal.number(0))))
        counted.set(
            "spec",
            exp.WindowSpec(
                kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"
            ),
        )
        return counted
    return node


def refuse_inexact(node: Expr) -> Expr:
    """Functions that would answer, and differently."""
    if isinstance(node, exp.RegexpInstr) and _takes_group(node):
        raise unsupported("REGEXP_INSTR of a group")
    if isinstance(node, exp.NthValue) and node.args.get("from_first") is False:
        raise unsupported("NTH_VALUE … FROM LAST", "order the other way")
    if isinstance(node, exp.ArgMax | exp.ArgMin) and node.args.get("count") is not None:
        raise unsupported("MAX_BY and MIN_BY of several rows")
    if isinstance(node, exp.ApproxDistinct) and node.args.get("accuracy") is not None:
        raise unsupported("APPROX_COUNT_DISTINCT of several values")
    if isinstance(node, exp.Window) and isinstance(node.this, _ORDERED) and not node.args["order"]:
        name = node.this.sql_name()
        raise invalid(f"Window function type [{name}] requires ORDER BY in window specification")
    if isinstance(node, exp.Window) and _is_of_distinct_in_order(node):
        raise invalid("distinct cannot be used with a window frame or an order.")
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in ("HASH", "HASH_AGG"):
        raise unsupported(str(node.this).upper(), "Snowflake's function is not public")
    return node


def _is_of_distinct_in_order(node: exp.Window) -> bool:
    """Tell whether a window function is of DISTINCT values and of an order.

    https://docs.snowflake.com/en/sql-reference/functions/count#usage-notes
    """
    is_distinct = isinstance(node.this, exp.AggFunc) and isinstance(node.this.this, exp.Distinct)
    return is_distinct and bool(node.args.get("order") or node.args.get("spec"))


def _takes_group(node: exp.RegexpInstr) -> bool:
    parameters = node.args.get("parameters")
    return node.args.get("group") is not None or (
        parameters is not None and "e" in parameters.name.lower()
    )


def trim(node: Expr) -> Expr:
    """TRIM, LTRIM and RTRIM, of blanks or of the characters that are given."""
    if not isinstance(node, exp.Trim):
        return node
    position = str(node.args.get("position") or "").upper()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(position, "trim")
    characters = [node.expression.copy()] if node.args.get("expression") is not None else []
    return exp.Anonymous(this=name, expressions=[node.this.copy(), *characters])


def percentile(node: Expr) -> Expr:
    """APPROX_PERCENTILE, exactly."""
    if isinstance(node, exp.ApproxQuantile):
        value = exp.cast(node.this.copy(), "double")
        return exp.Anonymous(
            this="quantile_cont", expressions=[value, node.args["quantile"].copy()]
        )
    return node


def extreme(node: Expr) -> Expr:
    """MAX_BY and MIN_BY: of the row with the largest or smallest value, whose own may be NULL."""
    if not isinstance(node, exp.ArgMax | exp.ArgMin):
        return node
    name = "arg_max_null" if isinstance(node, exp.ArgMax) else "arg_min_null"
    return exp.Anonymous(this=name, expressions=[node.this.copy(), node.expression.copy()])


def list_separator(node: Expr) -> Expr:
    """LISTAGG separates by nothing, unless a separator is given."""
    if isinstance(node, exp.GroupConcat) and node.args.get("separator") is None:
        node.set("separator", exp.Literal.string(""))
    return node


def similarity(node: Expr) -> Expr:
    """JAROWINKLER_SIMILARITY in whole percent, whatever the case."""
    if not isinstance(node, exp.JarowinklerSimilarity):
        return node
    texts = [exp.Upper(this=text.copy()) for text in (node.this, node.expression)]
    ratio = exp.Anonymous(this="jaro_winkler_similarity", expressions=texts)
    percent = exp.Mul(this=ratio, expression=exp.Literal.number(100))
    percent.meta[DONE] = True
    return exp.cast(exp.Anonymous(this="floor", expressions=[percent]), "bigint")


def write_now(node: Expr) -> Expr:
    """CURRENT_DATE and its like as calls: a bare word would mean a column that is called so."""
    if node.args.get("sysdate"):
        return node
    now, digits = exp.Anonymous(this=NOW[type(node)]), node.args.get("this")
    if digits is None or digits.name in _AS_KEPT:
        return now
    if digits.name not in _CUT:
        raise unsupported(f"{node.key.upper()} with {digits.sql()} digits of a second")
    unit = exp.Literal.string(_CUT[digits.name])
    if not isinstance(node, exp.Localtime):
        return call("date_trunc", unit, now)
    day = exp.cast(exp.Literal.string("1970-01-01"), "date")
    at = exp.Add(this=day, expression=now)
    at.meta[DONE] = True
    return exp.cast(call("date_trunc", unit, at), "time")


_AS_KEPT = ("6", "7", "8", "9")
_CUT = {"0": "second", "3": "millisecond"}
NOW: dict[type[Expr], str] = {
    exp.CurrentDate: "today", exp.CurrentTimestamp: "now",
    exp.Localtime: "current_localtime", exp.Localtimestamp: "current_localtimestamp",
}  # fmt: skip
