"""An image registry, as far as a deploy asks it: which digest is there (the registry API, v2)."""

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from cloud.surroundings import is_local_host
from console.errors import CommandFailed
from services.adapters.tls import trusted

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@dataclass(frozen=True)
class Login:
    """Of a registry, for some hours."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Registry:
    """A repository of images.

    Args:
        repository: ``<host>/<name>``; a host of this machine is spoken to without TLS.
        login: None: anybody may push.
        transport: Of HTTP; tests give another.
    """

    repository: str
    login: Login | None = None
    transport: httpx.BaseTransport | None = None

    @property
    def host(self) -> str:
        """The registry's host, with a port where it has one."""
        return self.repository.partition("/")[0]

    def digest(self, reference: str) -> str | None:
        """The digest of the image that a tag or a digest leads to; None where there is none.

        Raises:
            CommandFailed: The registry doesn't answer, refuses, or sends another content.
        """
        name = self.repository.partition("/")[2]
        answer = self._get(f"/v2/{name}/manifests/{reference}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if not answer.is_success:
            raise CommandFailed(f"{self.host} refuses {reference}: {answer.status_code}")
        found = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        told = answer.headers.get("docker-content-digest", found)
        if told != found or (reference.startswith("sha256:") and reference != found):
            raise CommandFailed(f"{self.host} sends {found} for {reference}, and calls it {told}")
        return found

    def _get(self, path: str) -> httpx.Response:
        scheme = "http" if is_local_host(self.host.partition(":")[0]) else "https"
        auth = (self.login.user, self.login.password) if self.login else None
        try:
            with httpx.Client(transport=self.transport, verify=trusted(), timeout=30) as client:
                return client.get(
                    f"{scheme}://{self.host}{path}",
                    headers={"accept": ", ".join(_MANIFESTS)},
                    auth=auth,
                )
        except httpx.HTTPError as error:
            raise CommandFailed(f"the registry {self.host} doesn't answer: {error}") from error
