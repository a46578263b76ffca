"""The images: nothing of the machine that made them is inside."""

import json
import os
import threading

import pytest

from tests.clone import made_clone
from tests.e2e.proxy import MARK, Proxy
from tests.e2e.registry import registry

PLAN = "import os; from local.stack.settings import keep, plan_stack; keep(plan_stack(os.environ))"
SEARCH = f"grep -rlF {MARK} / --exclude-dir=proc --exclude-dir=sys; ls -d /run/ca.pem; true"


@pytest.fixture
def proxy():
    made = Proxy()
    serving = threading.Thread(target=made.serve)
    serving.start()
    yield made
    made.close()
    serving.join()


def plan(clone):
    clone.run(".venv/bin/python", "-c", PLAN).check_returncode()
    return clone


INSTALL = ("docker", "build", "--quiet", "--no-cache", "--network=host", "--file=docker/Dockerfile")


def test_builds_go_through_the_machines_proxy_and_keep_nothing_of_it(tmp_path, proxy, engine):
    with made_clone(tmp_path, {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url}) as clone:
        install_packages(plan(clone))
        assert proxy.asked, "the package index was not asked through the proxy"
        proxy.asked.clear()
        clone.composes("build", "--no-cache", "--quiet", "postgres")
        assert proxy.asked, "Debian's archive was not asked through the proxy"
        image = f"{clone.settings['IMAGES']}/postgres"
        assert MARK not in json.dumps(engine.client.api.inspect_image(image))
        found = engine.client.containers.run(
            image, entrypoint=["bash", "-c", SEARCH], user="0", remove=True
        )
        assert found.decode() == ""


def install_packages(clone):
    """The stage that every image's packages come from, as Compose would build it."""
    build = json.loads(clone.composes("config", "--format", "json"))["services"]["postgres"][
        "build"
    ]
    given = [f"--build-arg={name}={value}" for name, value in build["args"].items()]
    secret = f"--secret=id=ca,src={clone.settings['CA_FILE']}"
    built = clone.run(*INSTALL, "--target=installer", secret, *given, ".", DOCKER_BUILDKIT="1")
    assert built.returncode == 0, built.stderr


def test_no_image_tells_how_it_was_built(up, engine):
    for image in engine.client.images.list(f"{up.settings['IMAGES']}/*"):
        told = json.dumps([image.history(), image.attrs["Config"]])
        assert "PIP_INDEX_URL" not in told, image.tags
        assert "_PROXY" not in told.upper(), image.tags


def test_where_a_registry_answers_the_base_image_is_pulled(clone, engine, base_image, tmp_path):
    made, base = f"canton-base:{tmp_path.name}", engine.client.images.get(base_image)
    fails = tmp_path / "debootstrap"
    fails.write_text("#!/bin/sh\nexit 1\n")
    fails.chmod(0o755)
    with registry(tmp_path) as host:
        served = f"{host}/python:3.13-slim"
        base.tag(served)
        for line in engine.client.images.push(served, stream=True, decode=True):
            assert "error" not in line, line
        engine.client.images.remove(served)
        pulled = clone.run(
            "tools/base-image", made, served, PATH=f"{tmp_path}:{os.environ['PATH']}"
        )
    assert pulled.returncode == 0, pulled.stderr
    assert engine.client.images.get(made).id == base.id
    for name in (made, served):
        engine.client.images.remove(name)
