"""ALTER TABLE … ALTER COLUMN: several columns at once, and comments."""
# ruff: noqa: S608 -- names of our own tables; values are bound

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Dialect, Expr, exp
from sqlglot.tokenizer_core import Token, TokenType

from mocks.snowflake import column_types, foreign_keys, statements
from mocks.snowflake.declared_columns import Declarations, folded, of_definition
from mocks.snowflake.errors import compilation, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor


_WORDS = ("ALTER", "MODIFY")
_SNOWFLAKE = Dialect.get_or_raise("snowflake")


def parse_several(text: str, tokens: Sequence[Token]) -> Expr | None:
    """The statement, if it changes several columns, of which sqlglot parses one alone."""
    words = [token.text.upper() for token in tokens]
    places = [number for number, word in enumerate(words) if number > 1 and word in _WORDS]
    if words[:2] != ["ALTER", "TABLE"] or not places:
        return None
    head = text[: tokens[places[0]].start]
    found = []
    for change in _changes(text, tokens[places[0] :]):
        first = change.split(maxsplit=1)[0].upper()
        found += _SNOWFLAKE.parse(f"{head}{'' if first in _WORDS else 'ALTER '}{change}")
    if not all(is_of_columns(one) for one in found):
        return None
    found[0].set("actions", [action for one in found for action in one.args["actions"]])
    return found[0]


def _changes(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    """The texts between commas; those in parentheses are parts of types."""
    depth, start = 0, tokens[0].start
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        is_last = token.token_type == TokenType.SEMICOLON
        if is_last or (token.token_type == TokenType.COMMA and not depth):
            yield text[start : token.start]
            start = token.end + 1
        if is_last:
            return
    yield text[start:]


def is_of_columns(expression: Expr) -> bool:
    """Tell whether a statement changes columns and nothing else."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and all(isinstance(action, exp.AlterColumn) for action in actions)


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """One change after the other; fakesnow loses comments."""
    session = cursor.session

    def change() -> Result:
        for action in expression.args["actions"]:
            comment = action.args.get("comment")
            if action.args.get("dtype") and column_types.change(cursor, expression.this, action):
                continue
            one = _alone(expression, action) if comment is None else _comment(expression, action)
            cursor.run_steps(one, params)
        return status()

    return session.transaction.define(change)


def _alone(expression: Expr, action: Expr) -> Expr:
    one = expression.copy()
    one.set("actions", [action.copy()])
    return one


def _comment(expression: Expr, action: Expr) -> Expr:
    column = exp.Column(this=action.this.copy())
    qualifiers = zip(("table", "db", "catalog"), reversed(expression.this.parts), strict=False)
    for part, value in qualifiers:
        column.set(part, value.copy())
    text = exp.Literal.string(action.args["comment"].name)
    return exp.Comment(this=column, kind="COLUMN", expression=text)


def is_rename(expression: Expr) -> bool:
    """Tell whether a statement gives a column another name."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and isinstance(actions[0], exp.RenameColumn)


def run_rename(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """ALTER TABLE … RENAME COLUMN: its keys and its length follow."""
    session = cursor.session
    (action,) = expression.args["actions"]
    name = statements.name_parts(expression.this, session)
    old, new = (
        folded(next(side.find_all(exp.Identifier))) for side in (action.this, action.args["to"])
    )

    def rename() -> Result:
        result = cursor.run_steps(expression, params)
        if ".".join(name) not in session.temporary_tables:
            Declarations(session.duck, name).rename_column(old, new)
            foreign_keys.rename_column(session.duck, name, old, new)
            duck = session.duck
            duck.execute(f"DELETE FROM {LENGTHS} WHERE {OF_COLUMN}", [*name, new])
            duck.execute(
                f"UPDATE {LENGTHS} SET ext_column_name = ? WHERE {OF_COLUMN}", [new, *name, old]
            )
        return result

    return session.transaction.define(rename)


LENGTHS = "_fs_global._fs_information_schema._fs_columns_ext"
OF_COLUMN = (
    "ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ? AND ext_column_name = ?"
)


def is_of_keys(expression: Expr) -> bool:
    """Tell whether a statement gives a table keys."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and isinstance(actions[0], exp.AddConstraint)


def run_keys(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """ALTER TABLE … ADD [CONSTRAINT …] of a key: a note, but for NOT NULL of a primary key."""
    session = cursor.session
    name = statements.name_parts(expression.this, session)
    (action,) = expression.args["actions"]
    schema = exp.Schema(expressions=[e.copy() for e in action.expressions])
    if ".".join(name) in session.temporary_tables or schema.find(exp.CheckColumnConstraint):
        raise unsupported("ADD CONSTRAINT of CHECK, or of a temporary table")

    def add() -> Result:
        known = Declarations(session.duck, name)
        declared, added = known.read(), of_definition(schema)
        if any(c.primary for c in added) and any(c.primary for c in declared.values()):
            raise unsupported("a second PRIMARY KEY of a table")
        for column in added:
            if column.column not in session.column_names(name):
                raise compilation(904, "42000", f"invalid identifier '{column.column}'")
            old = declared.get(column.column, column)
            primary = old if old.primary else column
            unique = old if old.unique else column
            declared[column.column] = replace(
                old,
                primary=primary.primary,
                primary_name=primary.primary_name,
                unique=unique.unique,
                unique_name=unique.unique_name,
            )
            if column.primary:
                place = exp.to_identifier(column.column, quoted=True)
                cursor.run_steps(_not_null(expression, place), params)
        known.keep(list(declared.values()))
        keys = foreign_keys.of_definition(schema, name, session)
        foreign_keys.add(session.duck, name, keys)
        return status()

    return session.transaction.define(add)


def _not_null(expression: Expr, column: Expr) -> Expr:
    one = expression.copy()
    one.set("actions", [exp.AlterColumn(this=column, allow_null=False)])
    return one
