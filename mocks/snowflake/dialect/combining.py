"""Values of several types in one place: COALESCE, CASE, UNION, VALUES and their like.

Snowflake takes the larger scale of two NUMBERs, DuckDB the more digits before the point: it would
round NUMBER(38,18) beside NUMBER(38,10) to ten places without a word. And a text beside a VARIANT
becomes a VARIANT, where DuckDB would read it as JSON.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes
from mocks.snowflake.dialect.arithmetic import MAX_DIGITS, Number, built
from mocks.snowflake.dialect.json_values import FLOATS, JSON, TIMES, variant_of
from mocks.snowflake.dialect.typed import DONE, Rule
from mocks.snowflake.dialect.variants import are_partly_boolean, may_be_variant
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def branches(node: Expr) -> list[Expr]:
    """The expressions of which one becomes the value."""
    if isinstance(node, exp.Nvl2):
        return [node.args["true"], node.args["false"]]
    if isinstance(node, exp.Case):
        found = [branch.args["true"] for branch in node.args["ifs"]]
        return [*found, node.args["default"]] if node.args.get("default") is not None else found
    if isinstance(node, exp.If):
        otherwise = node.args.get("false")
        return [node.args["true"], *([otherwise] if otherwise is not None else [])]
    return [node.this, *node.expressions]


COMPARED = (exp.Case, exp.DecodeCase, exp.Nullif)


def spell_out(node: Expr) -> Expr:
    """CASE x WHEN, DECODE and NULLIF with the comparisons that they make."""
    if isinstance(node, exp.Nullif):
        branch = exp.If(this=_equal(node.this, node.expression), true=exp.null())
        return exp.Case(ifs=[branch], default=node.this.copy())
    if isinstance(node, exp.DecodeCase):
        value, *listed = node.expressions
        pairs = zip(listed[::2], listed[1::2], strict=False)
        found = [
            exp.If(this=_equal(value, key, exp.NullSafeEQ), true=result.copy())
            for key, result in pairs
        ]
        return exp.Case(ifs=found, default=listed[-1].copy() if len(listed) % 2 else None)
    if isinstance(node, exp.Case) and node.this is not None:
        for branch in node.args["ifs"]:
            branch.set("this", _equal(node.this, branch.this))
        node.set("this", None)
    return node


def _equal(value: Expr, other: Expr, compare: type[exp.Binary] = exp.EQ) -> Expr:
    sides = (
        side.copy() if isinstance(side, exp.Column | exp.Literal) else exp.paren(side)
        for side in (value, other)
    )
    return compare(this=next(sides), expression=next(sides))


KINDS = (exp.Coalesce, exp.Case, exp.If, exp.Nvl2)


def keep_texts(node: Expr) -> Expr:
    """Let a text that is nothing but a text be combined with texts alone.

    Beside a NUMBER or a time DuckDB would convert it, and fail only in a row that gets it;
    Snowflake fails at once. What may be a number, a time or a BOOLEAN is converted, as there.
    """
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return node
    for branch in branches(node):
        is_text = isinstance(branch, exp.Literal) and branch.is_string
        if is_text and not _MAY_BE_ANOTHER.search(branch.name):
            text = exp.cast(branch.copy(), "text")
            text.meta[DONE] = True
            branch.replace(text)
    return node


_MAY_BE_ANOTHER = re.compile(
    r"\d|^\s*(t|true|f|false|y|yes|n|no|on|off|nan|-?inf(inity)?)\s*$", re.IGNORECASE
)


def _operands(node: Expr) -> Sequence[Expr]:
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return ()
    found = branches(node)
    others = [b for b in found if not isinstance(b, exp.Literal | exp.Null | exp.Boolean)]
    are_asked = len(others) > 1 or any(may_be_variant(b) for b in others)
    return found if are_asked or are_partly_boolean(found) else ()


def _write(node: Expr, kinds: Sequence[str]) -> Expr:
    if JSON in kinds and isinstance(node, exp.Greatest | exp.Least):
        raise unsupported(f"{node.sql_name()} of a VARIANT", "cast it")
    for branch, kind, wanted in zip(branches(node), kinds, common_types(kinds), strict=True):
        if wanted != kind:
            branch.replace(converted(branch, kind, wanted))
    return node


def common_types(kinds: Sequence[str]) -> list[str]:
    """Return the type to convert each type to, so that all of them combine as in Snowflake.

    Raises:
        StatementFailed: 2 for types of which Snowflake documents no common one.
    """
    if "BOOLEAN" in kinds and any(kind in FLOATS or Number.of(kind) for kind in kinds):
        raise unsupported("BOOLEAN and NUMBER combined", "cast one of them")
    if {"BLOB", "VARCHAR"} <= set(kinds):
        raise unsupported("BINARY and text combined", "cast one of them")
    if JSON in kinds:
        return [kind if kind in (JSON, '"NULL"', scopes.UNKNOWN) else JSON for kind in kinds]
    numbers = [number for kind in kinds if (number := Number.of(kind))]
    if len(numbers) < 2 or any(kind in ("DOUBLE", "FLOAT") for kind in kinds):
        return list(kinds)
    scale = max(number.scale for number in numbers)
    if max(number.leading for number in numbers) + scale <= MAX_DIGITS:
        return list(kinds)
    common = Number(MAX_DIGITS, scale).sql()
    return [common if Number.of(kind) and kind != "HUGEINT" else kind for kind in kinds]


def converted(node: Expr, kind: str, wanted: str) -> Expr:
    """An expression of one type converted to one that `common_types` gave."""
    if wanted == JSON:
        return variant_of(node, kind)
    return exp.cast(node.copy(), built(wanted).copy(), copy=False)


def refuse_mixed_rows(values: Expr) -> Expr:
    """Refuse VALUES with a column of BOOLEANs and numbers, as their forms show."""
    for column in zip(*(row.expressions for row in values.expressions), strict=False):
        if are_partly_boolean(column) and any(isinstance(c, exp.Literal) and not c.is_string
                                              for c in column):  # fmt: skip
            raise unsupported("BOOLEAN and NUMBER combined", "cast one of them")
    return values


def unite(expression: Expr, session: "Session") -> Expr:
    """Give both sides of UNION and its like, and both of IN (SELECT …), the same types."""
    for operation in reversed(list(expression.find_all(exp.SetOperation, bfs=True))):
        sides = [operation.this, operation.expression]
        columns = [scopes.columns_of_query(session, side) for side in sides]
        combine = _types_of_recursion if _reads_itself(operation) else _common_types_of_rows
        _convert_sides(sides, columns, combine, by_name=bool(operation.args.get("by_name")))
        _refuse_order(operation, [kind for _, kind in columns[0]])
    for membership in list(expression.find_all(exp.In)):
        if isinstance(membership.args.get("query"), exp.Subquery):
            _unite_membership(membership, session)
    return expression


def _refuse_order(operation: exp.SetOperation, kinds: Sequence[str]) -> None:
    """ORDER BY a VARIANT; it is written for the rows of one SELECT alone."""
    names = [str(place) for place in range(1, len(kinds) + 1)]
    known = dict(zip(names, kinds, strict=True))
    known |= dict(zip(operation.named_selects, kinds, strict=False))
    order = operation.args.get("order")
    if any(known.get(key.this.name) == JSON for key in (order.expressions if order else ())):
        raise unsupported("UNION and its like with ORDER BY of a VARIANT", "cast it")


def refuse_places(expression: Expr, session: "Session") -> Expr:
    """Refuse ORDER BY the place of a VARIANT where a star leaves open which column that is."""
    for select in expression.find_all(exp.Select):
        order = select.args.get("order")
        places = [key.this.name for key in order.expressions if key.this.is_int] if order else []
        if places and select.is_star:
            kinds = scopes.types_of_query(session, select)
            known = {str(place): kind for place, kind in enumerate(kinds, 1)}
            if kinds and any(known.get(place, JSON) == JSON for place in places):
                raise unsupported(
                    "ORDER BY the place of a VARIANT beside a star", "name the column"
                )
    return expression


def _unite_membership(membership: exp.In, session: "Session") -> None:
    """``x IN (SELECT y)``, where DuckDB would round the one to the scale of the other."""
    query = membership.args["query"].this
    scope = membership.find_ancestor(exp.Select, exp.Update, exp.Delete) or membership.root()
    kinds = [
        scopes.types_of(session, scope, [membership.this]),
        scopes.types_of_query(session, query),
    ]
    if [len(kind) for kind in kinds] != [1, 1] or scopes.UNKNOWN in kinds[0]:
        return
    left, right = common_types([kinds[0][0], kinds[1][0]])
    if left != kinds[0][0]:
        membership.this.replace(converted(membership.this, kinds[0][0], left))
    if right != kinds[1][0]:
        query.replace(with_types(query, kinds[1], [right]))


def _reads_itself(operation: exp.SetOperation) -> bool:
    own = operation.parent.alias.upper() if isinstance(operation.parent, exp.CTE) else ""
    return any(t.name.upper() == own for t in operation.expression.find_all(exp.Table) if not t.db)


def _types_of_recursion(pair: Sequence[str]) -> list[str]:
    """DuckDB gives each row the types of the first query; so that has to have room for all."""
    first, other = (Number.of(kind) for kind in pair)
    if first and other and first.scale == other.scale:
        return [Number(MAX_DIGITS, first.scale).sql() if first.scale else "HUGEINT"] * 2
    if pair[0] != pair[1]:
        raise unsupported(f"{pair[1]} after {pair[0]} where a query reads itself", "cast one")
    return list(pair)


def _convert_sides(
    sides: Sequence[Expr],
    columns: Sequence[Sequence[tuple[str, str]]],
    combine: Callable[[Sequence[str]], list[str]],
    *,
    by_name: bool,
) -> None:
    if not all(columns):
        return  # DuckDB says what is wrong
    expected, got = (len(of_side) for of_side in columns)
    if expected != got and not by_name:
        told = f"expected {expected}, got {got} in branch 2"
        raise compilation(1789, "42601", f"{_OTHER_WIDTH}, {told}")
    kinds = [
        {name if by_name else place: kind for place, (name, kind) in enumerate(of_side)}
        for of_side in columns
    ]
    wanted = {
        key: combine([of_side[key] for of_side in kinds]) for key in kinds[0] if key in kinds[1]
    }
    for number, (side, of_side) in enumerate(zip(sides, kinds, strict=True)):
        given = list(of_side.values())
        target = [wanted[key][number] if key in wanted else of_side[key] for key in of_side]
        if target != given:
            names = [name for name, _ in columns[number]]
            side.replace(with_types(side, given, target, names))


def _common_types_of_rows(pair: Sequence[str]) -> list[str]:
    """Snowflake reads a text beside a date as one; DuckDB would make a text of the date."""
    other = next((kind for kind in pair if kind != "VARCHAR"), "VARCHAR")
    if "VARCHAR" not in pair:
        return common_types(pair)
    if Number.of(other) or other in _NEVER_TEXTS:
        what = f"UNION and its like of VARCHAR and {in_snowflakes_words(other)}"
        raise unsupported(what, "cast one of them")
    return [other, other] if other in _DATES else common_types(pair)


_OTHER_WIDTH = "invalid number of result columns for set operator input branches"
_DATES = frozenset({"DATE", "TIMESTAMP"})
_NEVER_TEXTS = frozenset({*FLOATS, *TIMES, "BOOLEAN"} - _DATES - {"BLOB"})  # see common_types


def with_types(
    query: Expr, kinds: Sequence[str], wanted: Sequence[str], described: Sequence[str] = ()
) -> exp.Select:
    """A query with its columns converted, under their names: `described` where it has a star."""
    inner = query.copy()
    names = inner.named_selects if isinstance(inner, exp.Query) else []
    names = described if "*" in names else names
    given = [f"_{number}" for number in range(len(kinds))]
    columns = []
    for number, (kind, target) in enumerate(zip(kinds, wanted, strict=True)):
        column: Expr = exp.column(given[number], table="_s")
        column = column if kind == target else converted(column, kind, target)
        name = names[number] if len(names) == len(kinds) else ""
        columns.append(exp.alias_(column, name if name not in ("", "*") else given[number]))
    alias = exp.TableAlias(
        this=exp.to_identifier("_s"), columns=[exp.to_identifier(name) for name in given]
    )
    source = exp.Subquery(this=inner, alias=alias)
    return exp.select(*columns).from_(source)


_RULE = Rule(_operands, _write)
RULES: dict[type[Expr], Rule] = dict.fromkeys(
    (exp.Coalesce, exp.Case, exp.If, exp.Greatest, exp.Least, exp.Nvl2), _RULE
)
