"""A registry is asked for a digest, and not believed."""

import hashlib

import httpx
import pytest

from cloud.deploy.registry import Login, Registry
from local.console.errors import CommandFailed

MANIFEST = b'{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"


def registry(answer, repository="registry.acme.com/team/canton"):
    return Registry(repository, Login("AWS", "hush"), httpx.MockTransport(answer))


def test_the_digest_is_that_of_the_content():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, content=MANIFEST, headers={"docker-content-digest": DIGEST})

    assert registry(answer).digest("tag") == DIGEST
    assert registry(answer).digest(DIGEST) == DIGEST
    assert str(seen[0].url) == "https://registry.acme.com/v2/team/canton/manifests/tag"
    assert seen[0].headers["authorization"].startswith("Basic ")
    assert "application/vnd.oci.image.manifest.v1+json" in seen[0].headers["accept"]


def test_a_registry_of_this_machine_is_spoken_to_without_tls():
    def answer(request):
        assert str(request.url).startswith("http://127.0.0.1:5000/v2/canton/")
        return httpx.Response(200, content=MANIFEST)

    assert registry(answer, "127.0.0.1:5000/canton").digest("tag") == DIGEST


def test_what_is_not_there_has_none():
    assert registry(lambda _: httpx.Response(404)).digest("tag") is None


@pytest.mark.parametrize(
    ("reference", "answer", "told"),
    [
        pytest.param("tag", httpx.Response(401), "refuses tag: 401", id="no-login"),
        pytest.param(
            "tag",
            httpx.Response(200, content=b"x", headers={"docker-content-digest": DIGEST}),
            "and calls it",
            id="another-name",
        ),
        pytest.param(DIGEST, httpx.Response(200, content=b"x"), "for sha256", id="another-content"),
    ],
)
def test_an_answer_that_can_not_be_right_is_refused(reference, answer, told):
    with pytest.raises(CommandFailed, match=told):
        registry(lambda _: answer).digest(reference)


def test_silence_is_told():
    def answer(request):
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CommandFailed, match=r"registry.acme.com doesn't answer"):
        registry(answer).digest("tag")


class Immutable:
    """A repository with one image, whose tags never move, as ECR's; it counts what it is told."""

    def __init__(self):
        self.tags, self.puts = {}, []

    def __call__(self, request):
        name = request.url.path.rpartition("/")[2]
        if request.method == "PUT":
            self.puts.append((name, request.headers["content-type"]))
            if name in self.tags:
                return httpx.Response(400, text="ImageAlreadyExistsException")
            self.tags[name] = request.read()
            return httpx.Response(201)
        found = MANIFEST if name == DIGEST else self.tags.get(name)
        kind = {"content-type": "application/vnd.oci.image.manifest.v1+json"}
        return httpx.Response(200, content=found, headers=kind) if found else httpx.Response(404)


def test_an_image_is_kept_by_one_tag_however_often_it_is_deployed():
    there = Immutable()
    for _ in range(2):
        registry(there).keep(DIGEST)
    tag = f"service-{DIGEST.removeprefix('sha256:')[:16]}"
    assert there.tags == {tag: MANIFEST}
    assert there.puts == [(tag, "application/vnd.oci.image.manifest.v1+json")]


def test_a_registry_that_refuses_the_tag_is_told():
    def answer(request):
        if request.method == "PUT":
            return httpx.Response(403)
        is_there = request.url.path.endswith(DIGEST)
        return httpx.Response(200, content=MANIFEST) if is_there else httpx.Response(404)

    with pytest.raises(CommandFailed, match=r"refuses the tag service-[0-9a-f]{16}: 403"):
        registry(answer).keep(DIGEST)
