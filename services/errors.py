"""The pipeline's errors, and whether a retry can help.

    PipelineError
    ├── SettingsWrong            a setting is missing, misspelt or refused
    ├── SourceUnavailable  ↻     Scan: 5xx, connection lost; of several nodes: none answered
    │   ├── SourceBusy     ↻     Scan: 429, or a 5xx that says when to come back
    │   └── SourceTooSlow  ↻     Scan: an answer took too long; a smaller one may not
    ├── SourceContractBroken     Scan: an answer that no later attempt will change
    ├── PageRefused        ↻     a page that may not be stored as it came
    ├── NetworkMismatch          another network than the one this state belongs to
    ├── LandingUnavailable ↻     S3: timeout, 409, 5xx
    ├── LandingRefused           S3: no such bucket or object, or not ours to use
    ├── LandingCorrupt           S3: an object is not what was put there
    ├── WarehouseUnavailable ↻   warehouse: unreachable, timeout, lock conflict
    ├── WarehouseRefused         warehouse: wrong credentials, missing stage, failed statement
    │   ├── WarehouseOfAnotherVersion   it was made by a newer version, or by edited migrations
    │   └── LineRefused          a landed line that COPY can't load; it can be released
    ├── PositionMoved            another run committed first; start over from the new position
    ├── LoadIncomplete           rows in the warehouse are not the lines of the object
    ├── QualityFailed            a quality rule of severity `error` was broken
    ├── QuarantineRefused        an act on something that isn't in quarantine, or was decided on
    ├── StorageFull              nothing more can be written
    └── SlackUnavailable   ↻     a message was not taken

↻ marks `retryable`. Adapters translate vendors' errors into these (`raise … from error`) and name
the operation; nobody else catches. Messages are for the person at midnight: the cause first,
then the setting or command that mends it.
"""

# Begins the line in which a service refuses what another version wrote, or what is broken.
STATE_REFUSED = "state refused: "


class PipelineError(Exception):
    """Any failure that the pipeline understands."""

    retryable = False


class SettingsWrong(PipelineError):
    """A setting is missing, misspelt, or has a value that can't work."""


class SourceUnavailable(PipelineError):
    """The Scan did not answer properly this time; the hint may be that of several nodes."""

    retryable = True

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason} {hint}" if hint else reason)
        self.reason = reason
        self.hint = hint


class SourceBusy(SourceUnavailable):
    """The Scan is overloaded; its answer may say for how many seconds to wait."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class SourceTooSlow(SourceUnavailable):
    """The Scan, or what stands before it, gave up on an answer that took too long."""


class SourceContractBroken(PipelineError):
    """The Scan answered something that this client can't read, and will again."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason}\n{hint}" if hint else reason)
        self.reason = reason
        self.hint = hint


class PageRefused(PipelineError):
    """A page that may not be stored: tried again first, then quarantined with its reason."""

    retryable = True

    def __init__(self, reason: str, body: bytes, source_url: str) -> None:
        super().__init__(f"{reason}\n{source_url} sent it: is CANTON_BASE_URL right?")
        self.reason = reason
        self.body = body
        self.source_url = source_url


class NetworkMismatch(PipelineError):
    """The Scan serves another network, or a second synchronizer, than this state holds."""


class LandingUnavailable(PipelineError):
    """S3 did not answer properly this time."""

    retryable = True


class LandingRefused(PipelineError):
    """S3 refused: no such bucket, no such object, or not allowed."""


class LandingCorrupt(PipelineError):
    """An object read back differs from what was put."""


class WarehouseUnavailable(PipelineError):
    """The warehouse did not answer, or another transaction was in the way."""

    retryable = True


class WarehouseRefused(PipelineError):
    """The warehouse refused a login or a statement; the same again would be refused again."""


class WarehouseOfAnotherVersion(WarehouseRefused):
    """The warehouse's tables are not those that this version makes of it, and no older ones."""


class LineRefused(WarehouseRefused):
    """A line of a landed page that only the warehouse refuses, such as a repeated JSON key.

    `page_key` is the page; `loaded_key` the object whose line `number`, counted from 1, it is: the
    page's own, or its revision.
    """

    def __init__(self, reason: str, page_key: str, loaded_key: str, number: int) -> None:
        super().__init__(
            f"{loaded_key}, line {number}: {reason}\n./pipeline release {page_key} sets it aside"
        )
        self.reason = reason
        self.page_key = page_key
        self.loaded_key = loaded_key
        self.number = number


class PositionMoved(PipelineError):
    """Compare-and-set lost: another run moved the position since it was read."""


class LoadIncomplete(PipelineError):
    """The warehouse holds other rows than the objects have lines."""


class QualityFailed(PipelineError):
    """A rule of severity `error` was broken; nothing of the batch was committed."""


class QuarantineRefused(PipelineError):
    """An act on what isn't in quarantine, or was decided on before."""


class StorageFull(PipelineError):
    """A disk is full."""


class SlackUnavailable(PipelineError):
    """Slack did not take a message."""

    retryable = True
