"""The pool for Kubernetes, as Prefect's own worker reads it: the job that it asks a cluster for."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from uuid import uuid4

import pytest
from kubernetes_asyncio.client import ApiClient, V1Job
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow, FlowRun
from prefect.context import SettingsContext
from prefect.logging.loggers import disable_logger
from prefect.settings import Profile, Settings
from prefect_kubernetes.worker import KubernetesWorker, KubernetesWorkerJobConfiguration

from cloud.outputs import placeholder_outputs
from cloud.pools.job import container_definition
from cloud.pools.kubernetes import SECRET, kubernetes_pool
from infra.containers import GROUP_ID, STOP_SECONDS, USER_ID
from infra.environment import worker_environment

IMAGE = f"registry.example/pipeline@sha256:{'ab' * 32}"
VALUE = "of-the-worker-alone"


class Cluster(ThreadingHTTPServer):
    """A cluster's API as far as a worker asks it: takes jobs down."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Api)
        self.jobs = []

    @property
    def kubeconfig(self):
        server = {"server": f"http://127.0.0.1:{self.server_port}"}
        context = {"cluster": "c", "user": "u"}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "x",
            "clusters": [{"name": "c", "cluster": server}],
            "contexts": [{"name": "x", "context": context}],
            "users": [{"name": "u", "user": {"token": "none"}}],
        }


class Api(BaseHTTPRequestHandler):
    def do_POST(self):
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.jobs.append((self.path, job))
        job["metadata"]["name"] = "x"
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(job).encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def start_run(pool, cluster):
    async def start():
        flow = Flow(id=uuid4(), name="canton-transactions-bronze", labels={})
        run = FlowRun(id=uuid4(), name="brave-axolotl", flow_id=flow.id, labels={})
        configuration = await KubernetesWorkerJobConfiguration.from_template_and_values(
            pool.template,
            {"cluster_config": {"config": cluster.kubeconfig, "context_name": "x"}},
            client=PrefectClient("http://127.0.0.1:9/api"),
        )
        configuration.prepare_for_flow_run(run, flow=flow, worker_name="kubernetes")
        await KubernetesWorker(pool.name, name="kubernetes").run(run, configuration)

    with disable_logger("prefect.flow_runs.worker"):
        asyncio.run(start())
    return cluster.jobs.pop()


@pytest.fixture
def asked(settings, cluster, monkeypatch):
    """What a worker in its own environment asks for, told where its secret is kept."""
    worker = worker_environment(settings)
    ((name, key),) = worker.secrets.items()
    kept = "API_KEY" if name == "PREFECT_API_KEY" else "API_AUTH_STRING"
    for variable, value in {
        **worker.values,
        name: VALUE,
        f"PREFECT_INTEGRATIONS_KUBERNETES_WORKER_{kept}_SECRET_NAME": SECRET,
        f"PREFECT_INTEGRATIONS_KUBERNETES_WORKER_{kept}_SECRET_KEY": key,
    }.items():
        monkeypatch.setenv(variable, value)
    with SettingsContext(profile=Profile(name="worker", settings={}), settings=Settings()):
        return start_run(kubernetes_pool(settings, IMAGE), cluster)


@pytest.fixture
def job(asked):
    return asked[1]


@pytest.fixture
def container(job):
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return found


def test_a_job_is_asked_for_where_its_secret_is(asked):
    path, job = asked
    assert path == "/apis/batch/v1/namespaces/canton-pipeline/jobs"
    assert job["metadata"]["generateName"] == "brave-axolotl-"
    assert "prefect.io/flow-run-id" in job["spec"]["template"]["metadata"]["labels"]


def test_a_job_says_nothing_that_kubernetes_does_not_know(job):
    """A misspelt field would be dropped in silence, and with it what it forbids."""
    client = ApiClient.__new__(ApiClient)  # its types alone
    read = ApiClient.deserialize(client, SimpleNamespace(data=json.dumps(job)), V1Job)
    known = ApiClient.sanitize_for_serialization(client, read)
    of_prefect = {
        "parallelism": 1,
        "completions": 1,
    }  # which its worker wants there, and nobody reads
    assert known["spec"]["template"]["spec"] | of_prefect == job["spec"]["template"]["spec"]
    known["spec"]["template"]["spec"] |= of_prefect
    assert known == job


def test_its_container_may_do_nothing_but_run(settings, job, container):
    pod = job["spec"]["template"]["spec"]
    assert container["image"] == IMAGE
    assert container["args"] == ["prefect", "flow-run", "execute"]
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": USER_ID,
        "runAsGroup": GROUP_ID,
        "fsGroup": GROUP_ID,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["terminationGracePeriodSeconds"] == STOP_SECONDS
    assert container["volumeMounts"] == [{"name": "scratch", "mountPath": "/tmp"}]  # noqa: S108
    (scratch,) = pod["volumes"]
    assert scratch["emptyDir"]["sizeLimit"] == f"{settings.tasks.scratch_mib}Mi"


def test_a_run_has_the_size_of_a_task(settings, container):
    size = settings.tasks.flow
    wanted = {"cpu": f"{size.cpu / 1024 * 1000:.0f}m", "memory": f"{size.memory}Mi"}
    assert container["resources"] == {"requests": wanted, "limits": wanted}


def test_its_variables_and_secrets_are_those_of_a_task(settings, container):
    task = container_definition(settings, placeholder_outputs(settings), IMAGE)
    values = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    kept = {one["name"]: one["valueFrom"] for one in container["env"] if "valueFrom" in one}
    wanted = {one["name"]: one["value"] for one in task["environment"]}
    assert wanted.items() <= values.items()
    assert all(name.startswith("PREFECT_") for name in values.keys() - wanted.keys())
    assert kept.keys() == {one["name"] for one in task["secrets"]}
    assert {one["secretKeyRef"]["name"] for one in kept.values()} == {SECRET}


def test_a_job_holds_no_secret(job):
    assert VALUE not in json.dumps(job)
