"""Pseudonyms for the parties of a ledger: the same one for the same party in a pack.

Only what stands within JSON strings is changed, byte for byte: white space, the order of keys,
numbers, and whatever is broken stay as they were, for they may be what made the run fail. Amounts,
times and update ids stay. So does what lies in the DSO's own namespace, which is the network's
name and known to all. What is drawn for a pack is forgotten with it.
"""

import hashlib
import hmac
import re
import secrets

_PARTY = re.compile(rb"([A-Za-z0-9_.\- ]{1,255})::(1220[0-9a-f]{0,64})")
_FINGERPRINT = re.compile(rb"1220[0-9a-f]{64}")
_URL = re.compile(rb'https?:(?:\\?/){2}[^"\s\\]+')
_TEXT = re.compile(
    rb'("(?:[^"\\]*[/._])?(?:reason|memo|description|comment|note|message)"\s*:\s*")'
    rb'((?:[^"\\]|\\.)+)(?=")'
)
_LEAST_HINT = 6  # shorter ones, and those without a hyphen, may be words of the ledger's own


class Masks:
    """The pseudonyms of one pack.

    Args:
        network: The network's name: how the DSO's namespace begins.
    """

    def __init__(self, network: str) -> None:
        self._network = network.encode()
        self._key = secrets.token_bytes(32)
        self._hints: set[bytes] = set()
        self._namespaces: set[bytes] = set()

    def learn(self, content: bytes) -> None:
        for hint, namespace in _PARTY.findall(content):
            if not namespace.startswith(self._network):
                self._namespaces.add(namespace)
                if b"-" in hint and len(hint) >= _LEAST_HINT:
                    self._hints.add(hint)

    def masked(self, content: bytes) -> bytes:
        """The text with pseudonyms for the parties that were learnt, without URLs and messages."""
        content = _PARTY.sub(self._party, content)
        content = _FINGERPRINT.sub(
            lambda found: self._namespace(found[0]) if found[0] in self._namespaces else found[0],
            content,
        )
        content = _TEXT.sub(lambda found: found[1] + b"text-" + self._digest(found[2])[:8], content)
        content = _URL.sub(
            lambda found: b"https://" + self._digest(found[0])[:8] + b".example", content
        )
        if not self._hints:
            return content
        # Hints that stand alone as a value.
        hints = b"|".join(map(re.escape, sorted(self._hints)))
        return re.sub(
            rb'"(' + hints + rb')"(?!\s*:)',
            lambda found: b'"' + self._hint(found[1]) + b'"',
            content,
        )

    def text(self, content: str) -> str:
        return self.masked(content.encode()).decode()

    def left(self, content: bytes) -> list[str]:
        """Namespaces of people that a text still names; a proof, not a step."""
        return sorted(
            {one.decode() for one in self._namespaces if len(one) == _WHOLE and one in content}
        )

    def _party(self, found: re.Match[bytes]) -> bytes:
        hint, namespace = found[1], found[2]
        if namespace.startswith(self._network):
            return found[0]
        return self._hint(hint) + b"::" + self._namespace(namespace)

    def _hint(self, hint: bytes) -> bytes:
        return b"party-" + self._digest(hint)[:8]

    def _namespace(self, namespace: bytes) -> bytes:
        """Return a masked namespace of the same length and shape."""
        return (b"1220" + self._digest(namespace))[: len(namespace)]

    def _digest(self, content: bytes) -> bytes:
        return hmac.new(self._key, content, hashlib.sha256).hexdigest().encode()


_WHOLE = 68
