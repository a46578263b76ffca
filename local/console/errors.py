"""The exception that stops a command, with a line or two for the person who typed it."""


class CommandFailed(Exception):
    """A command can't go on; the message says why and what to do.

    Whatever `local` refuses is refused with it, or with one of its own kinds.
    """
