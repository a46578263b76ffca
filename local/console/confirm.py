"""The confirmation before something is deleted."""

from collections.abc import Mapping


def confirmed(to_delete: str, environment: Mapping[str, str]) -> bool:
    """Tell whether this may be deleted: ask the user, unless YES=1."""
    if environment.get("YES") == "1":
        return True
    print(f"This deletes {to_delete}.")
    try:
        is_meant = input("Type yes to go on: ").strip() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        is_meant = False
    if not is_meant:
        print("nothing was deleted")
    return is_meant
