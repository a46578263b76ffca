"""``.stack/``: names, ports and passwords of this clone's stack; no other user reads them."""

from pathlib import Path

FOLDER = Path(".stack")


def write_private(file: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all, for its owner alone."""
    file.parent.mkdir(exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.chmod(mode)  # whatever the umask
    draft.replace(file)
