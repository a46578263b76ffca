"""Arrays and objects as plain values: what DuckDB has no functions for, and how they are displayed.

Numbers keep the digits they are written with. A DOUBLE has an exponent in a VARIANT, as Snowflake
shows it, and so differs from a NUMBER.
https://docs.snowflake.com/en/sql-reference/functions-semistructured
"""

import functools
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mocks.snowflake.errors import StatementFailed, unsupported

Text = str | None
_FLOAT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?inf(inity)?|nan", re.IGNORECASE)


class Number(str):
    """A number with a fraction or an exponent, as it is written."""

    __slots__ = ()

    @property
    def value(self) -> Decimal:
        """The numeric value, however the number is written."""
        return Decimal(self)


def read(text: str) -> Any:
    """The value of a JSON text; its numbers are `int` and `Number`."""
    return json.loads(text, parse_float=Number)


def compact(value: Any) -> str:
    """A value as TO_JSON writes it, attributes in order."""
    match value:
        case dict():
            pairs = (f"{_string(name)}:{compact(v)}" for name, v in sorted(value.items()))
            return f"{{{','.join(pairs)}}}"
        case list():
            return f"[{','.join(map(compact, value))}]"
        case Number():
            return str(value)
        case str():
            return _string(value)
        case _:
            return json.dumps(value)


def display(text: Text) -> Text:
    """A VARIANT as a client gets it: indented, attributes in order, DOUBLE with an exponent."""
    if text is None or text[:1] not in ("{", "[", *"-0123456789"):
        return text
    return _indented(read(text), "")


def _indented(value: Any, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, dict) and value:
        pairs = [f"{inner}{_string(n)}: {_indented(v, inner)}" for n, v in sorted(value.items())]
        return "{\n" + ",\n".join(pairs) + f"\n{margin}}}"
    if isinstance(value, list) and value:
        items = [inner + _indented(v, inner) for v in value]
        return "[\n" + ",\n".join(items) + f"\n{margin}]"
    if isinstance(value, Number) and "e" in value.lower():
        return f"{float(value):.15e}"
    return compact(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _array(text: str) -> list[Any]:
    value = read(text)
    if not isinstance(value, list):
        raise StatementFailed(100107, "22000", f"Invalid argument: expected an array, got {text}")
    return value


def _object(text: str) -> dict[str, Any]:
    value = read(text)
    if not isinstance(value, dict):
        raise StatementFailed(100107, "22000", f"Invalid argument: expected an object, got {text}")
    return value


def _key(value: Any) -> str:
    """Return a text that is the same for equal values, however their numbers are written."""
    if isinstance(value, dict):
        return str(sorted((name, _key(held)) for name, held in value.items()))
    if isinstance(value, list):
        return str([_key(held) for held in value])
    number = _number(value)
    return compact(value) if number is None else str(Fraction(number))


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Number):
        return value.value
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _unless_null(call: Callable[..., Any]) -> Callable[..., Text]:
    """A function of texts that are never NULL, and answers NULL for one that is."""

    @functools.wraps(call)  # DuckDB asks for the number of parameters
    def called(*texts: Text) -> Text:
        return None if None in texts else call(*texts)

    return called


def no_null_in_array() -> StatementFailed:
    """Return the refusal of a NULL among an array's elements."""
    return unsupported("NULL in an ARRAY", "it would be null there, and is undefined")


def _with_element(call: Callable[..., str]) -> Callable[..., Text]:
    """A function whose last argument becomes an element: of a NULL there it fails."""

    @functools.wraps(call)
    def called(*texts: Text) -> Text:
        *others, element = texts
        if element is None and None not in others:
            raise no_null_in_array()
        return None if None in others else call(*texts)

    return called


def _append(array: str, value: str) -> str:
    return compact([*_array(array), read(value)])


def _prepend(array: str, value: str) -> str:
    return compact([read(value), *_array(array)])


def _insert(array: str, at: str, value: str) -> str:
    values, number = _array(array), int(at)
    if abs(number) > len(values):
        raise unsupported("ARRAY_INSERT beyond the array's end")
    values.insert(number, read(value))
    return compact(values)


def _slice(array: str, begin: str, end: str) -> str:
    return compact(_array(array)[int(begin) : int(end)])


def _remove_at(array: str, at: str) -> str:
    values, number = _array(array), int(at)
    if -len(values) <= number < len(values):
        del values[number]
    return compact(values)


def _remove(array: str, value: str) -> str:
    removed = _key(read(value))
    return compact([v for v in _array(array) if _key(v) != removed])


def _distinct(array: str) -> str:
    return compact(list({_key(v): v for v in _array(array)}.values()))


def _position(value: str, array: str) -> Text:
    keys = [_key(v) for v in _array(array)]
    wanted = _key(read(value))
    return str(keys.index(wanted)) if wanted in keys else None


def _contains(value: str, array: str) -> str:
    return str(_key(read(value)) in {_key(v) for v in _array(array)}).lower()


def _overlap(one: str, other: str) -> str:
    return str(not {_key(v) for v in _array(one)}.isdisjoint(map(_key, _array(other)))).lower()


def _intersection(one: str, other: str) -> str:
    return compact(_matched(_array(one), _array(other), are_kept=True))


def _except(one: str, other: str) -> str:
    return compact(_matched(_array(one), _array(other), are_kept=False))


def _matched(values: list[Any], others: Iterable[Any], *, are_kept: bool) -> list[Any]:
    """The values that have a partner among the others, each of which is a partner once; or none."""
    partners = [_key(other) for other in others]
    found = []
    for value in values:
        has_partner = _key(value) in partners
        if has_partner:
            partners.remove(_key(value))
        if has_partner == are_kept:
            found.append(value)
    return found


def _compacted(array: str) -> str:
    return compact([v for v in _array(array) if v is not None])


def _flattened(array: str) -> str:
    values = _array(array)
    for value in values:
        if not isinstance(value, list):
            raise StatementFailed(
                100107, "22000", f"Not an array: '{compact(value)}'. ARRAY_FLATTEN takes arrays"
            )
    return compact([inner for value in values for inner in value])


def _to_text(array: str, separator: str) -> str:
    return separator.join(_element_text(v) for v in _array(array))


def _element_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else compact(value)


def _sorted_values(array: str) -> list[Any]:
    values = [v for v in _array(array) if v is not None]
    if all(_number(v) is not None for v in values):
        return sorted(values, key=lambda v: _number(v) or Decimal(0))
    if all(isinstance(v, str) and not isinstance(v, Number) for v in values):
        return sorted(values)
    raise unsupported("the order of an ARRAY's values of several types")


def _sorted(array: str) -> str:
    nulls = [v for v in _array(array) if v is None]
    return compact([*_sorted_values(array), *nulls])


def _minimum(array: str) -> Text:
    values = _sorted_values(array)
    return compact(values[0]) if values else None


def _maximum(array: str) -> Text:
    values = _sorted_values(array)
    return compact(values[-1]) if values else None


def _object_insert(text: Text, name: Text, value: Text, may_replace: Text) -> Text:
    """OBJECT_INSERT leaves out what is NULL.

    https://docs.snowflake.com/en/sql-reference/functions/object_insert
    """
    if text is None or name is None:
        return None
    values = _object(text)
    if name in values and may_replace != "true":
        raise StatementFailed(100103, "22000", f"Duplicate field key '{name}'")
    if value is None and name in values:
        raise unsupported("OBJECT_INSERT of NULL in place of a value")
    return compact(values if value is None else values | {name: read(value)})


def _object_delete(text: str, names: str) -> str:
    deleted = set(map(str, _array(names)))
    return compact({n: v for n, v in _object(text).items() if n not in deleted})


def _object_pick(text: str, names: str) -> str:
    picked = set(map(str, _array(names)))
    return compact({n: v for n, v in _object(text).items() if n in picked})


def _object_keys(text: str) -> Text:
    value = read(text)
    return compact(sorted(value)) if isinstance(value, dict) else None


def _reversed(array: str) -> str:
    return compact(_array(array)[::-1])


def _arrays_to_object(names: str, values: str) -> str:
    keys, held = _array(names), _array(values)
    if len(keys) != len(held):
        raise StatementFailed(100107, "22000", "ARRAYS_TO_OBJECT takes arrays of one length")
    return compact({str(k): v for k, v in zip(keys, held, strict=True) if k is not None})


def _arrays_zip(arrays: str) -> str:
    """An object of the values in each place; arrays that are shorter have null there."""
    held = read(arrays)
    if not all(isinstance(array, list) for array in held):
        raise StatementFailed(100107, "22000", "ARRAYS_ZIP takes arrays")
    names = [f"${number}" for number in range(1, len(held) + 1)]
    return compact([dict(zip(names, row, strict=True)) for row in itertools.zip_longest(*held)])


def _array_union(arrays: str) -> str:
    """Every value as often as the array has it that has it most often."""
    union: dict[str, list[Any]] = {}
    for array in read(arrays):
        if array is not None and not isinstance(array, list):
            raise unsupported(f"ARRAY_UNION_AGG of {compact(array)}, which is no array")
        found: dict[str, list[Any]] = {}
        for value in array or ():
            found.setdefault(_key(value), []).append(value)
        for key, values in found.items():
            union[key] = max(union.get(key, []), values, key=len)
    return compact([value for values in union.values() for value in values])


def _to_object(text: str) -> Text:
    value = read(text)
    if value is not None and not isinstance(value, dict):
        raise StatementFailed(100071, "22000", f"Failed to cast variant value {text} to OBJECT")
    return None if value is None else text


def _flatten(text: str, path: str, is_recursive: str, mode: str) -> str:
    """The rows of FLATTEN with RECURSIVE or MODE, as a JSON list."""
    kinds = {"OBJECT": dict, "ARRAY": list}
    expanded = kinds.get(mode.upper(), (dict, list))

    def rows(value: Any, place: str) -> Iterator[dict[str, Any]]:
        if not isinstance(value, expanded):
            return
        is_object = isinstance(value, dict)
        for key, held in sorted(value.items()) if is_object else enumerate(value):
            at = f"{place}.{_plain(str(key))}".lstrip(".") if is_object else f"{place}[{key}]"
            yield {
                "SEQ": 1,
                "KEY": key if is_object else None,
                "PATH": at,
                "INDEX": None if is_object else key,
                "VALUE": held,
                "THIS": value,
            }
            if is_recursive == "true":
                yield from rows(held, at)

    return compact(list(rows(read(text), path)))


def _plain(key: str) -> str:
    if not key.isidentifier():
        raise unsupported(f"FLATTEN with RECURSIVE or MODE of the attribute '{key}'")
    return key


def _to_array(text: str) -> Text:
    value = read(text)
    if value is None:
        return None
    return compact(value if isinstance(value, list) else [value])


def _get_ignore_case(text: str, name: str) -> Text:
    value = read(text)
    if not isinstance(value, dict):
        return None
    if name in value:
        return compact(value[name])
    found = [held for key, held in value.items() if key.lower() == name.lower()]
    if len(found) > 1:
        raise unsupported(f"GET_IGNORE_CASE of '{name}', which fits several names")
    return compact(found[0]) if found else None


def _as_number(text: str) -> Text:
    """The text of a whole or decimal number; NULL for anything else.

    Raises:
        StatementFailed: 2 for what may be a DOUBLE: DuckDB writes 1e2 as 100.0.
    """
    value = read(text)
    if isinstance(value, Number) and ("e" in value.lower() or value.endswith(".0")):
        raise unsupported(f"the NUMBER in the VARIANT {text}, which may be a DOUBLE", "cast it")
    return None if _number(value) is None else str(value)


def _as_double(text: str) -> Text:
    value = read(text)
    return None if _number(value) is None else str(value)


def _as_boolean(text: str) -> Text:
    value = read(text)
    return str(value).lower() if isinstance(value, bool) else None


def _as_varchar(text: str) -> Text:
    value = read(text)
    return value if isinstance(value, str) and not isinstance(value, Number) else None


def _as_kind(kind: type) -> Callable[[str], Text]:
    return lambda text: text if isinstance(read(text), kind) else None


def _compared(text: str, other: str) -> Text:
    """-1, 0 or 1, as a VARIANT's value is less than, equal to or more than another one's.

    Raises:
        StatementFailed: 2 for values that are neither two numbers nor two texts.
    """
    values = read(text), read(other)
    if None in values:
        return None
    one, two = map(_number, values)
    if one is not None and two is not None:
        return str(int(one.compare(two)))
    if all(isinstance(v, str) and not isinstance(v, Number) for v in values):
        return str((values[0] > values[1]) - (values[0] < values[1]))
    raise unsupported(f"the VARIANT {text} compared with {other}", "cast it")


def _float(text: str) -> Text:
    """The FLOAT that a VARIANT is converted to, for arithmetic."""
    value = read(text)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    written = str(value).strip()
    if isinstance(value, list | dict) or not _FLOAT.fullmatch(written):
        raise StatementFailed(100071, "22000", f"Failed to cast variant value {text} to REAL")
    return written


def _equality(text: str) -> str:
    return _key(read(text))


def _ordered(text: str) -> str:
    return compact(read(text))


FUNCTIONS: dict[str, tuple[Callable[..., Text], int]] = {
    called: (_unless_null(call), count)
    for called, (call, count) in {
        "ARRAYS_OVERLAP": (_overlap, 2),
        "ARRAYS_ZIP": (_arrays_zip, 1),
        "ARRAY_UNION": (_array_union, 1),
        "FLATTEN": (_flatten, 4),
        "TO_OBJECT": (_to_object, 1),
        "ARRAYS_TO_OBJECT": (_arrays_to_object, 2),
        "ARRAY_COMPACT": (_compacted, 1),
        "ARRAY_CONTAINS": (_contains, 2),
        "ARRAY_DISTINCT": (_distinct, 1),
        "ARRAY_EXCEPT": (_except, 2),
        "ARRAY_FLATTEN": (_flattened, 1),
        "ARRAY_INTERSECTION": (_intersection, 2),
        "ARRAY_MAX": (_maximum, 1),
        "ARRAY_MIN": (_minimum, 1),
        "ARRAY_POSITION": (_position, 2),
        "ARRAY_REMOVE": (_remove, 2),
        "ARRAY_REMOVE_AT": (_remove_at, 2),
        "ARRAY_REVERSE": (_reversed, 1),
        "ARRAY_SLICE": (_slice, 3),
        "ARRAY_SORT": (_sorted, 1),
        "ARRAY_TO_STRING": (_to_text, 2),
        "AS_ARRAY": (_as_kind(list), 1),
        "AS_BOOLEAN": (_as_boolean, 1),
        "AS_DOUBLE": (_as_double, 1),
        "AS_NUMBER": (_as_number, 1),
        "AS_OBJECT": (_as_kind(dict), 1),
        "AS_VARCHAR": (_as_varchar, 1),
        "COMPARED": (_compared, 2),
        "EQUALITY": (_equality, 1),
        "FLOAT": (_float, 1),
        "GET_IGNORE_CASE": (_get_ignore_case, 2),
        "OBJECT_DELETE": (_object_delete, 2),
        "OBJECT_KEYS": (_object_keys, 1),
        "OBJECT_PICK": (_object_pick, 2),
        "ORDERED": (_ordered, 1),
        "TO_ARRAY": (_to_array, 1),
    }.items()
} | {
    "ARRAY_APPEND": (_with_element(_append), 2),
    "ARRAY_INSERT": (_with_element(_insert), 3),
    "ARRAY_PREPEND": (_with_element(_prepend), 2),
    "OBJECT_INSERT": (_object_insert, 4),
}
"""The function of JSON texts and its number of arguments, by name."""
