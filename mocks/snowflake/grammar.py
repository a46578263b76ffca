"""The syntax and the types that run here; every other one is refused by its name.

sqlglot reads the languages of many engines, and DuckDB runs some of what Snowflake has not. So a
statement passes only if all its parts are listed. To teach the local Snowflake another form, add
its node here, and a test of what it answers.
"""

import re
from collections.abc import Callable

from sqlglot import Expr, exp

from mocks.snowflake import object_options
from mocks.snowflake.errors import StatementFailed, compilation, invalid, unsupported
from mocks.snowflake.names import CALLED

_OPERATORS = """
    Add Alias All And Any Between BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr
    BitwiseRightShift BitwiseXor Boolean Bracket Case Cast Column DPipe DataType DataTypeParam
    DecodeCase Distinct Div Dot EQ Escape Exists Extract GT GTE HexString Identifier If ILike In
    Interval Is JSONExtract JSONPath JSONPathKey JSONPathRoot JSONPathSubscript LT LTE Like Literal
    Mod Mul NEQ National Neg Not Null NullSafeEQ NullSafeNEQ Or Paren Placeholder PropertyEQ
    RawString RegexpLike Struct Sub TryCast Tuple Var Xor Array DynamicIdentifier LikeAny LikeAll
    ILikeAny JSONCast JSONObject JSONKeyValue ToBoolean
"""
_QUERIES = """
    CTE Cube Except Fetch From Group GroupingSets Having Intersect Join Lateral Limit Offset
    Order Ordered Parameter Pivot PivotAlias PivotAny Qualify Rollup Select SessionParameter
    SplitToTable
    Star Subquery Table TableAlias TableFromRows TableSample Union Values Where Window WindowSpec
    With WithinGroup Kwarg IgnoreNulls LimitOptions RespectNulls
"""
_DATA = """
    ConditionalInsert Copy CopyParameter Credentials Delete Insert ListStage Merge MultitableInserts
    Put TruncateTable Update When Whens
"""
_DEFINITIONS = """
    AddConstraint Alter AlterColumn AlterRename AutoIncrementColumnConstraint CheckColumnConstraint
    AlterSet ClusteredByProperty Clone Cluster ClusterProperty ColumnConstraint ColumnDef Comment
    CommentColumnConstraint CredentialsProperty
    Constraint CopyGrantsProperty Create DefaultColumnConstraint Drop DynamicProperty
    ExecuteAsProperty FileFormatProperty ForeignKey GeneratedAsIdentityColumnConstraint
    HandlerProperty IndexParameters LanguageProperty LikeProperty MaterializedProperty
    NotNullColumnConstraint PrimaryKey PrimaryKeyColumnConstraint Properties Property Reference
    RenameColumn ReturnsProperty Schema SchemaCommentProperty SecureProperty SequenceProperties
    SqlReadWriteProperty StabilityProperty StrictProperty SwapTable TagColumnConstraint Tags
    TemporaryProperty TransientProperty Undrop UniqueColumnConstraint UserDefinedFunction
    VolatileProperty UnsetProperty NotForReplicationColumnConstraint ImmutableProperty
    CalledOnNullInputProperty UsingData
"""
_SESSIONS = """
    AlterSession Block Command Commit Describe HistoricalData Rollback Semicolon Set SetItem Show
    Transaction Use
"""
_CALLS = """
    ArgMax ArgMin Ceil Chr Coalesce Floor GroupConcat Initcap Overlay Position
    StrPosition Substring Trim Decode ToChar Convert CurrentDate CurrentTime CurrentTimestamp
    CurrentUser CurrentSchema Localtime Localtimestamp CurrentAccount CurrentDatabase CurrentRole
    Rand ObjectAgg
"""
"""Functions of which sqlglot doesn't keep the name that the statement calls them by."""
_NODES = frozenset(
    name
    for part in (_OPERATORS, _QUERIES, _DATA, _DEFINITIONS, _SESSIONS, _CALLS)
    for name in part.split()
)
_TYPES = """
    ARRAY BIGINT BINARY BOOLEAN CHAR DATE DECIMAL DOUBLE FLOAT INT NCHAR NULL
    NVARCHAR OBJECT SMALLINT TEXT TIME TIMESTAMP TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMPTZ TINYINT
    VARBINARY VARCHAR VARIANT DATETIME UNKNOWN
"""
TYPES = frozenset(_TYPES.split())
"""sqlglot's names of Snowflake's types, by which it knows their synonyms too."""
_REFUSED_PARTS: dict[type[Expr], tuple[str, ...]] = {
    exp.Distinct: ("on",),
    exp.Insert: ("with_", "returning", "conflict", "by_name", "alternative", "ignore", "where"),
    exp.Update: ("with_", "returning", "order", "limit"),
    exp.Delete: ("with_", "returning", "order", "limit", "tables"),
    exp.Merge: ("with_", "returning"),
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), ("side", "kind", "on")),
    exp.Select: (
        "kind", "hint", "distribute", "sort", "cluster", "windows", "into", "locks", "sample",
    ),
    exp.LimitOptions: ("percent", "with_ties"),
    exp.CTE: ("materialized",),
    exp.Between: ("symmetric",),
    exp.WindowSpec: ("exclude",),
    exp.JSONObject: ("null_handling", "unique_keys"),
    exp.Alter: ("only", "cascade"),
}  # fmt: skip
"""Parts of statements that sqlglot reads and Snowflake has not."""
_CREATED = frozenset(
    {"TABLE", "VIEW", "SCHEMA", "DATABASE", "SEQUENCE", "STAGE", "FILE FORMAT", "FUNCTION", "TAG",
     "PROCEDURE", "USER"}
)  # fmt: skip
_RESERVED_WORDS = """
    ALL ALTER AND ANY AS BETWEEN BY CHECK COLUMN CONNECT CREATE CURRENT DELETE DISTINCT DROP ELSE
    EXISTS FOLLOWING FOR FROM GRANT GROUP HAVING ILIKE IN INCREMENT INSERT INTERSECT INTO IS LIKE
    MINUS NOT NULL OF ON OR ORDER QUALIFY REGEXP REVOKE RLIKE ROW ROWS SAMPLE SELECT SET SOME START
    TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE UPDATE VALUES WHENEVER WHERE WITH
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that name nothing unless quoted; those that are reserved here and there aren't listed.

https://docs.snowflake.com/en/sql-reference/reserved-keywords
"""


_NOT_OF_COLUMNS = (
    exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.CurrentUser, exp.Localtime,
    exp.Localtimestamp,
)  # fmt: skip
"""Words that name no column unless quoted, as sqlglot reads them."""
_NOT_IN_FROM = frozenset(
    {"CROSS", "FULL", "INNER", "JOIN", "LATERAL", "LEFT", "NATURAL", "RIGHT", "USING"}
)
_NOT_IN_EXPRESSIONS = frozenset({"CASE", "CAST", "TRY_CAST", "WHEN"})


def refuse(expression: Expr) -> None:
    """Return for a statement that has only listed syntax, types and names.

    Raises:
        StatementFailed: 2 for syntax and types, 1003 for a reserved word as a name.
    """
    for node in expression.walk():
        is_call = isinstance(node, exp.Func) and CALLED in node.meta
        if not is_call and type(node).__name__ not in _NODES:
            raise unsupported(_told(node))
        if isinstance(node, exp.DataType):
            _refuse_type(node)
        elif isinstance(node, exp.Identifier):
            _refuse_name(node)
        else:
            _refuse_parts(node)


def _told(node: Expr) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()


def _refuse_type(kind: exp.DataType) -> None:
    name = kind.this.name if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
    if name not in TYPES or (kind.args.get("nested") and kind.expressions):
        raise unsupported(f"the type {kind.sql(dialect='snowflake')}")
    if name in ("BINARY", "VARBINARY") and kind.expressions:
        raise unsupported("a length of BINARY")


def _refuse_name(identifier: exp.Identifier) -> None:
    if identifier.quoted:
        return
    word, node = identifier.name.upper(), identifier.parent
    is_column = isinstance(node, exp.Column) and not node.table
    is_source = isinstance(node, exp.Table) and isinstance(node.parent, exp.From | exp.Join)
    is_alias = isinstance(node, exp.TableAlias) and not isinstance(node.parent, exp.CTE)
    if (
        (word in _RESERVED and not isinstance(node, exp.Property | exp.CopyParameter | exp.Kwarg))
        or (word in _NOT_IN_EXPRESSIONS and is_column)
        or (word in _NOT_IN_FROM and (is_source or (is_alias and identifier.arg_key == "this")))
    ):
        raise _reserved(identifier.name)


def _reserved(word: str) -> StatementFailed:
    return invalid(f"syntax error: unexpected '{word}', which is a reserved word")


def _refuse_names_of_columns(node: Expr) -> None:
    """Refuse words as names of columns which sqlglot reads as values."""
    for name in (node.this, node.args.get("to"), *node.expressions):
        if isinstance(name, _NOT_OF_COLUMNS):
            word = _told(name).replace(" ", "_")  # sqlglot has one name for two words
            raise _reserved("CURRENT_TIME or LOCALTIME" if word == "LOCALTIME" else word)
        if isinstance(name, exp.Boolean):
            raise unsupported(f"a column with the name {name.sql().upper()}", "quote it")


def _refuse_parts(node: Expr) -> None:
    for part in _REFUSED_PARTS.get(type(node), ()):
        if node.args.get(part):
            raise unsupported(f"{_told(node)} with {part.replace('_', ' ').upper().strip()}")
    if refuse_node := _REFUSALS.get(type(node)):
        refuse_node(node)


def _refuse_default(node: Expr) -> None:
    default = node.args.get("default")
    if default is not None and not default.find(exp.Column):  # a sequence's NEXTVAL may be set
        raise unsupported("ALTER COLUMN … SET DEFAULT of anything but a sequence")


def _refuse_join(node: Expr) -> None:
    _refuse_nearest(node)
    if node.args.get("kind") in ("SEMI", "ANTI") or node.args.get("method") == "POSITIONAL":
        raise unsupported(f"{node.args.get('kind') or node.args.get('method')} JOIN")


def _refuse_nearest(node: Expr) -> None:
    if str(node.args.get("method")).upper() == "ASOF" and not node.args.get("match_condition"):
        raise invalid("syntax error: ASOF JOIN without MATCH_CONDITION")


def _refuse_order(node: Expr) -> None:
    """Refuse ORDER BY within a call, where sqlglot puts LISTAGG's WITHIN GROUP as well."""
    if isinstance(node.parent, exp.Func) and not isinstance(node.parent, exp.GroupConcat):
        raise invalid("syntax error: unexpected 'ORDER' in a call; write WITHIN GROUP (ORDER BY …)")


def _refuse_frame(node: Expr) -> None:
    if str(node.args.get("kind")).upper() == "GROUPS":
        raise invalid("syntax error: unexpected 'GROUPS' of a window; write ROWS or RANGE")


def _refuse_all(node: Expr) -> None:
    if node.args.get("distinct") is False:
        raise invalid(f"syntax error: unexpected 'ALL' after {node.key.upper()}")


def _refuse_row_id(node: Expr) -> None:
    if node.name.upper() == "ROWID":
        raise compilation(904, "42000", "invalid identifier 'ROWID'")


def _refuse_creation(node: Expr) -> None:
    if str(node.args.get("kind")).upper() not in _CREATED:
        raise unsupported(f"CREATE {node.args.get('kind')}".upper())


def _refuse_drop(node: Expr) -> None:
    is_part = node.parent is not None  # of ALTER
    if not is_part and str(node.args.get("kind")).upper() not in _CREATED:
        raise unsupported(f"DROP {node.args.get('kind')}".upper())


def _refuse_alteration(node: Expr) -> None:
    """Refuse by name what DuckDB alone would call a syntax error; a comment and tags may be set."""
    if object_options.is_alteration(node):
        return object_options.check_alteration(node)
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.AlterSet) and not action.find(exp.SchemaCommentProperty):
            part = next(name for name, value in action.args.items() if value)
            option = action.find(exp.Property) if part == "expressions" else None
            named = option.name or "SECURE" if option else part
            what = "" if part == "tag" else f"SET {named}"
        elif isinstance(action, exp.Set):
            what = f"UNSET {action.expressions[0].name}"
        elif isinstance(action, exp.Drop):
            what = "" if action.kind == "COLUMN" else f"DROP {action.kind}"
        else:
            dropped = str(action.expression).strip() if isinstance(action, exp.Command) else ""
            what = f"DROP {dropped}" if _KEY.match(dropped) else ""
        if what:
            raise unsupported(f"ALTER {node.args['kind']} … {what}".upper())
    return None


def _refuse_computed(node: Expr) -> None:
    if node.args.get("expression") is not None:
        raise unsupported("computed columns")


def _refuse_values(node: Expr) -> None:
    for row in node.expressions:
        if (found := row.find(*_NOT_IN_VALUES)) is not None:
            text = found.sql(dialect="snowflake")
            raise compilation(2014, "22000", f"Invalid expression [{text}] in VALUES clause")


def _refuse_seed(node: Expr) -> None:
    if node.this is not None:
        raise unsupported("RANDOM with a seed", "Snowflake's generator is not public")


def _refuse_arrow(node: Expr) -> None:
    if "only_json_types" in node.args:
        raise invalid("syntax error: unexpected '->'; a path begins with a colon")


def _refuse_access(node: Expr) -> None:
    """Refuse ``{'a': 1}.a``; only what a function's name is qualified by stands before a dot."""
    if not isinstance(node.this, exp.Identifier | exp.Dot):
        what = f"'.{node.expression.name}' of anything but a name"
        raise unsupported(what, "begin a path with a colon, or go on with brackets")


def _refuse_insert(node: Expr) -> None:
    if node.args.get("default"):
        raise invalid("syntax error: unexpected 'DEFAULT' after INSERT INTO; name columns")


def _refuse_like(node: Expr) -> None:
    if isinstance(node.parent, exp.Schema):
        raise invalid("syntax error: unexpected 'LIKE'; write CREATE TABLE … LIKE without ()")


def _refuse_sample(node: Expr) -> None:
    method = node.args.get("method")
    if method is not None and method.name.upper() not in _SAMPLED:
        raise invalid(f"syntax error: unexpected '{method.name}' of a sample")


_SAMPLED = ("BERNOULLI", "ROW", "SYSTEM", "BLOCK")


def _refuse_merge(node: Expr) -> None:
    if node.args.get("using_cond"):
        raise invalid("syntax error: MERGE … USING (…); write ON")


def _refuse_when(node: Expr) -> None:
    """WHEN of a MERGE as another engine has it.

    https://docs.snowflake.com/en/sql-reference/sql/merge#syntax
    """
    then, is_matched = node.args["then"], bool(node.args.get("matched"))
    kinds = (exp.Update,) if is_matched else (exp.Insert,)
    is_delete = isinstance(then, exp.Var) and then.name.upper() == "DELETE" and is_matched
    if node.args.get("source"):
        raise invalid("syntax error: unexpected 'BY': WHEN NOT MATCHED BY SOURCE")
    if not isinstance(then, kinds) and not is_delete:
        which = "MATCHED" if is_matched else "NOT MATCHED"
        told = then.name if isinstance(then, exp.Var) else then.key
        raise invalid(f"syntax error: unexpected '{told.upper()}' of WHEN {which} in MERGE")
    if any(isinstance(part, exp.Star) for part in (then.this, *then.expressions)):
        raise invalid(f"syntax error: {then.key.upper()} * in MERGE; name the columns")


def _refuse_star(node: Expr) -> None:
    """``* LIKE 'a%'`` chooses columns in DuckDB; on Snowflake ILIKE alone does."""
    if node.this.is_star:
        raise invalid(f"syntax error: unexpected '{node.key.upper()}' after '*'")


_KEY = re.compile(r"(primary|unique|foreign)\b", re.IGNORECASE)
_NOT_IN_VALUES = (
    exp.ParseJSON, exp.Array, exp.Struct, exp.JSONObject, exp.ToVariant, exp.StarMap, exp.Query,
    exp.AggFunc,
)  # fmt: skip
_REFUSALS: dict[type[Expr], Callable[[Expr], None]] = {
    exp.AlterColumn: _refuse_default,
    **dict.fromkeys(
        (exp.ColumnDef, exp.RenameColumn, exp.Schema, exp.PrimaryKey), _refuse_names_of_columns
    ),
    exp.Join: _refuse_join,
    exp.Order: _refuse_order,
    exp.WindowSpec: _refuse_frame,
    **dict.fromkeys((exp.Except, exp.Intersect), _refuse_all),
    exp.Column: _refuse_row_id,
    exp.Create: _refuse_creation,
    exp.Drop: _refuse_drop,
    exp.Alter: _refuse_alteration,
    exp.Rand: _refuse_seed,
    exp.Values: _refuse_values,
    exp.Merge: _refuse_merge,
    exp.Like: _refuse_star,
    exp.When: _refuse_when,
    exp.GeneratedAsIdentityColumnConstraint: _refuse_computed,
    exp.JSONExtract: _refuse_arrow,
    exp.Dot: _refuse_access,
    exp.Insert: _refuse_insert,
    exp.LikeProperty: _refuse_like,
    exp.TableSample: _refuse_sample,
}
