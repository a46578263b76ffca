"""CREATE, ALTER and DROP USER: users who log in with a password, beside the server's own user.

fakesnow's table for SHOW USERS has them, and here a hash of the password as well.
https://docs.snowflake.com/en/sql-reference/sql/create-user
"""
# ruff: noqa: S608 -- names of our own columns; values are bound

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import duckdb
from sqlglot import parse_one

from mocks.snowflake.errors import (
    StatementFailed,
    already_exists,
    compilation,
    does_not_exist,
    invalid,
    unsupported,
)
from mocks.snowflake.login import WRONG_PASSWORD
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_USERS = "_fs_global._fs_information_schema._fs_users"
SECRET_COLUMN = "password_hash"  # noqa: S105 -- its name
CATALOG_SQL = f"ALTER TABLE {_USERS} ADD COLUMN IF NOT EXISTS {SECRET_COLUMN} VARCHAR;"
DISABLED = (390101, "08001", "User access disabled. Contact your local system admin.")
_OWN = "settings"
"""The mark that the server's own user has in place of a hash."""
_OF_USERS = re.compile(r"(create|alter|drop)\s+(or\s+replace\s+)?user\b", re.IGNORECASE)
_STATEMENT = re.compile(
    r"""(?P<verb>create|alter|drop)\s+(?P<replace>or\s+replace\s+)?user\s+
    (?P<exists>if\s+(not\s+)?exists\s+)?(?P<name>"[^"]+"|[a-z_][\w$]*)
    (\s+(?P<unset>unset\s)?\s*(set\s)?(?P<rest>.*))?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_PROPERTY = re.compile(
    r"""[\s,]*(\w+)\s*=\s*('(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$|"[^"]+"|[\w.$]+)(?=[\s,]|$)""",
    re.DOTALL,
)
_TEXTS = """
    LOGIN_NAME DISPLAY_NAME FIRST_NAME LAST_NAME EMAIL COMMENT DEFAULT_WAREHOUSE DEFAULT_NAMESPACE
    DEFAULT_ROLE
"""


def keep_own(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    """List the server's own user, whose credentials are settings."""
    is_other = f"upper(login_name) = upper(?) OR {SECRET_COLUMN} = ?"
    duck.execute(f"DELETE FROM {_USERS} WHERE {is_other}", [name, _OWN])
    _insert(duck, name)
    duck.execute(f"UPDATE {_USERS} SET {SECRET_COLUMN} = ? WHERE name = ?", [_OWN, name])


def _insert(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    duck.execute(
        f"""INSERT INTO {_USERS} (name, created_on, login_name, display_name, disabled,
                must_change_password, snowflake_lock, has_password, has_rsa_public_key)
            VALUES ($1, now(), $1, $1, 'false', 'false', 'false', 'false', 'false')""",
        [name],
    )


def logged_in(duck: duckdb.DuckDBPyConnection, login: Mapping[str, object]) -> tuple | None:
    """Name and default role, warehouse and namespace of who has a password; None for others.

    Raises:
        StatementFailed: 390100 for a wrong password, 390101 for a user who is disabled.
    """
    found = duck.execute(
        f"""SELECT {SECRET_COLUMN}, disabled, name, default_role, default_warehouse,
                   default_namespace
            FROM {_USERS} WHERE upper(login_name) = upper(?)""",
        [str(login.get("LOGIN_NAME", ""))],
    ).fetchone()
    if found is None or found[0] == _OWN or login.get("AUTHENTICATOR") == "SNOWFLAKE_JWT":
        return None
    salt, _, kept = (found[0] or "").partition("$")
    hashed = _hashed(str(login.get("PASSWORD", "")), salt)
    if not kept or not hmac.compare_digest(kept, hashed):
        raise StatementFailed(*WRONG_PASSWORD)
    if found[1] == "true":
        raise StatementFailed(*DISABLED)
    return found[2:]


def _hashed(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()


def runner(head: str) -> Callable[..., Result] | None:
    """Whatever runs a statement about users; None for any other statement."""
    return _run if _OF_USERS.match(head) else None


def _run(cursor: "Cursor", head: str, _: object = None) -> Result:
    asked = _STATEMENT.fullmatch(head.rstrip("; \n\t"))
    if asked is None:
        raise invalid("syntax error: expected the name of a user")
    duck, verb, name = cursor.session.duck, asked["verb"].upper(), _folded(asked["name"])
    known = duck.execute(f"SELECT {SECRET_COLUMN} FROM {_USERS} WHERE name = ?", [name]).fetchone()
    if asked["exists"] and bool(known) == (verb == "CREATE"):
        if verb == "DROP":
            return dropped(name, was_there=False)
        return status(f"{name} already exists, statement succeeded.") if known else status()
    if known == (_OWN,):
        raise unsupported(f"{verb} USER {name}", "the server's settings have its credentials")
    if known and verb == "CREATE" and not asked["replace"]:
        raise already_exists(name)
    if not known and verb != "CREATE":
        raise does_not_exist("User", name)
    _change(cursor.session, asked, name)
    return status(f"User {name} successfully {_DONE[verb]}.")


_DONE = {"CREATE": "created", "ALTER": "altered", "DROP": "dropped"}


def _change(session: "Session", asked: re.Match[str], name: str) -> None:
    duck, verb = session.duck, asked["verb"].upper()
    changes = dict(_unset(asked["rest"]) if asked["unset"] else _set(asked["rest"] or ""))

    def write() -> None:
        if verb != "ALTER":
            duck.execute(f"DELETE FROM {_USERS} WHERE name = ?", [name])
        if verb == "CREATE":
            _insert(duck, name)
        for column, value in changes.items():
            duck.execute(f"UPDATE {_USERS} SET {column} = ? WHERE name = ?", [value, name])
        twice = f"SELECT count(*) > count(DISTINCT upper(login_name)) FROM {_USERS}"
        if duck.execute(twice).fetchall() == [(True,)]:
            raise compilation(2002, "42710", "Object with that login name already exists.")

    session.transaction.define(lambda: session.transaction.at_once(write))


def _folded(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.upper()


def _unset(text: str) -> Iterator[tuple[str, str | None]]:
    for name in re.split(r"[\s,]+", text.strip().upper()):
        if name not in _TEXTS.split():
            raise unsupported(f"UNSET {name} of a user")
        yield name, None


def _set(text: str) -> Iterator[tuple[str, str]]:
    """Columns and values of ``NAME = value …``."""
    at = 0
    while found := _PROPERTY.match(text, at):
        at, name, given = found.end(), found[1].upper(), found[2]
        value = parse_one(given, read="snowflake").name if given[0] in "'$" else _folded(given)
        if name == "PASSWORD":
            salt = secrets.token_hex(16)
            yield SECRET_COLUMN, f"{salt}${_hashed(value, salt)}"
            yield "has_password", "true"
        elif name in _TEXTS.split():
            yield name, value
        elif name == "DISABLED" or (name, value.upper()) == ("MUST_CHANGE_PASSWORD", "FALSE"):
            yield name, value.lower()
        else:
            raise unsupported(f"a user with {name}")
    if text[at:].strip(", \n\t"):
        raise invalid(f"syntax error: unexpected '{text[at:].strip().split()[0]}'")
