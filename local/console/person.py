"""The person who types a command."""

import getpass
import os
import platform
from collections.abc import Callable


def user_at_host(name: Callable[[], str] = getpass.getuser) -> str:
    """The operating system's user and this machine's name: ``ada@laptop``.

    A user without a name, as a container may have one, is a number.
    """
    try:
        user = name()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{platform.node()}"
