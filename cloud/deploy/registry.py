"""A client of an image registry: looks up digests and tags images (registry API, v2)."""

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from cloud.infra.names import SERVICE_TAG
from cloud.surroundings import is_local_host
from local.console.errors import CommandFailed
from services.adapters.tls import trusted

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@dataclass(frozen=True)
class Login:
    """A login for a container registry, valid for some hours."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Registry:
    """A repository of images.

    Args:
        repository: ``<host>/<name>``; a host on this machine is called without TLS.
        login: None: anybody may push.
        transport: Of HTTP; tests give another.
    """

    repository: str
    login: Login | None = None
    transport: httpx.BaseTransport | None = None

    @property
    def host(self) -> str:
        return self.repository.partition("/")[0]

    def digest(self, reference: str) -> str | None:
        """The digest of the image that a tag or a digest leads to; None where there is none.

        Raises:
            CommandFailed: The registry doesn't answer, refuses, or sends another content.
        """
        answer = self._get(reference)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if not answer.is_success:
            raise CommandFailed(f"{self.host} refuses {reference}: {answer.status_code}")
        found = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        announced = answer.headers.get("docker-content-digest", found)
        if announced != found or (reference.startswith("sha256:") and reference != found):
            raise CommandFailed(
                f"{self.host} sends {found} for {reference}, and calls it {announced}"
            )
        return found

    def keep(self, digest: str) -> None:
        """Tag the image that services run, which the registry then doesn't count among the others.

        The repository's lifecycle keeps so many images, and services may run one for longer than
        that many deploys. Safe to do again: the tag is made of the digest.

        Raises:
            CommandFailed: The registry doesn't answer, or refuses.
        """
        tag = f"{SERVICE_TAG}{digest.removeprefix('sha256:')[:16]}"
        if self.digest(tag) == digest:
            return
        manifest = self._get(digest)
        kind = manifest.headers.get("content-type", _MANIFESTS[0])
        answer = self._request("PUT", tag, {"content-type": kind}, manifest.content)
        if not answer.is_success:
            raise CommandFailed(f"{self.host} refuses the tag {tag}: {answer.status_code}")

    def _get(self, reference: str) -> httpx.Response:
        return self._request("GET", reference, {"accept": ", ".join(_MANIFESTS)})

    def _request(
        self, method: str, reference: str, headers: dict[str, str], content: bytes | None = None
    ) -> httpx.Response:
        scheme = "http" if is_local_host(self.host.partition(":")[0]) else "https"
        name = self.repository.partition("/")[2]
        url = f"{scheme}://{self.host}/v2/{name}/manifests/{reference}"
        auth = (self.login.user, self.login.password) if self.login else None
        try:
            with httpx.Client(transport=self.transport, verify=trusted(), timeout=30) as client:
                return client.request(method, url, headers=headers, content=content, auth=auth)
        except httpx.HTTPError as error:
            raise CommandFailed(f"the registry {self.host} doesn't answer: {error}") from error
