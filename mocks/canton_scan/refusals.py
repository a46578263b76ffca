"""Errors that refuse a request, as the layers of a Scan answer them.

Pekko HTTP refuses in plain text what it can't read, before Scan's code runs (texts of its default
rejection handler); Scan itself refuses in JSON. `app.py` turns both into answers.
"""


class TextRefusal(Exception):
    """Answered in plain text; the message is the body."""

    status = 400


class NoEntity(TextRefusal):
    """A body was expected."""

    def __init__(self) -> None:
        super().__init__("Request entity expected but not supplied")


class UnsupportedContentType(TextRefusal):
    """The body's content type isn't JSON."""

    status = 415

    def __init__(self, content_type: str) -> None:
        expected = "is not supported. Expected:\napplication/json"
        super().__init__(f"The request's Content-Type [{content_type}] {expected}")


class Malformed(TextRefusal):
    """The body is no JSON of the right shape; what follows the first line is inferred."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"The request content was malformed:\n{detail}")


class MalformedQuery(TextRefusal):
    """A parameter in the query can't be read."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"The query parameter '{name}' was malformed:\n{detail}")


class MissingQuery(TextRefusal):
    """A parameter that has to be in the query isn't: for Pekko, no such route."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"Request is missing required query parameter '{name}'")


class JsonRefusal(Exception):
    """Answered with ``{"error": …}``; the message is the error."""

    status = 400


class Refused(JsonRefusal):
    """The request has the right shape and an impossible value."""


class NotFound(JsonRefusal):
    """The requested resource does not exist."""

    status = 404


class Unserved(JsonRefusal):
    """A request that a real Scan answers and the mock can't: refused loudly."""

    status = 501
