"""The image that a deploy pushes: to a real registry, and back by its digest alone."""

import json
import subprocess

import pytest

from deployments.containers import WORKER, at
from tests.e2e.registry import registry

# What `./pipeline deploy` does with the image; the registry asks for no login here.
PUSH = """
import json, os, sys
from cloud.deploy.docker import Order, ensure_image
from cloud.deploy.registry import Registry
said = []
order = Order(commit="c0ffee", tag="inputs-of-a-test", environment=os.environ)
digest = ensure_image(Registry(sys.argv[1]), order, said.append)
print(json.dumps({"digest": digest, "said": said}))
"""
HAS = """
import sys
from cloud.deploy.registry import Registry
print(Registry(sys.argv[1]).digest(sys.argv[2]))
"""
RUNS = "import deployments.apply, flows.pipeline, flows.recover_runs; print('well')"
# Prefect would load it in every process that finds it: a second each.
FINDS = "from importlib.util import find_spec; print(find_spec('prefect_aws') is not None)"


@pytest.fixture
def pushed(clone, base_image, tmp_path):
    """Pushes as `./pipeline deploy` does; gives the repository and the way to push once more."""

    def run(program, *words):
        done = clone.run(".venv/bin/python", "-c", program, *words, BASE_IMAGE=base_image)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with registry(tmp_path) as host:
        yield f"{host}/canton-prod-pipeline", run


def docker(*words):
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_image_is_pushed_once_and_runs_by_its_digest(pushed):
    repository, run = pushed
    first = json.loads(run(PUSH, repository))
    assert [line.partition(" ")[0] for line in first["said"]] == ["building", "pushing"]
    again = json.loads(run(PUSH, repository))
    assert again["digest"] == first["digest"]
    assert again["said"] == ["the image inputs-of-a-test is in the registry"]
    assert run(HAS, repository, first["digest"]).strip() == first["digest"]
    assert run(HAS, repository, f"sha256:{'0' * 64}").strip() == "None"

    image = f"{repository}@{first['digest']}"
    docker("image", "rm", f"{repository}:inputs-of-a-test")
    docker("pull", "--quiet", image)
    try:
        told = json.loads(docker("image", "inspect", image))[0]
        assert told["Config"]["Labels"]["org.opencontainers.image.revision"] == "c0ffee"
        assert (told["Os"], told["Architecture"]) == ("linux", "amd64")
        assert told["Config"]["User"] == "app"
        assert "PIP_INDEX_URL" not in docker("history", "--no-trunc", image)
        hardened = ("--read-only", "--tmpfs=/tmp", "--user=10001:10001", "--cap-drop=ALL")
        own = ("--env=PREFECT_HOME=/tmp/prefect", "--network=none", "--rm")
        assert docker("run", *hardened, *own, image, "python", "-c", RUNS).endswith("well")
        for_worker = f"--env=PYTHONPATH={at('ecs', WORKER.variables['PYTHONPATH'])}"
        assert docker("run", *hardened, *own, image, "python", "-c", FINDS) == "False"
        assert docker("run", *hardened, *own, for_worker, image, "python", "-c", FINDS) == "True"
    finally:
        docker("image", "rm", image)
