"""The user that a session belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """The user, role and warehouse of a login, as returned by CURRENT_USER() and the like.

    `driver` is what the client's driver calls itself.
    """

    user: str = "LOCAL"
    role: str | None = None
    warehouse: str | None = None
    session_id: int = 0
    driver: str = ""
