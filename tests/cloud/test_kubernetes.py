"""The template for Kubernetes, which nothing here runs: its form and its hardening."""

import re
from pathlib import Path

import pytest
import yaml

from deployments.containers import GROUP_ID, STOP_SECONDS, USER_ID, at

FILE = Path("cloud/pools/kubernetes.yaml")
TO_FILL = {
    *("IMAGE", "NAMESPACE", "STACK", "CPU", "MEMORY", "ENVIRONMENT", "SCRATCH", "SCRATCH_SIZE"),
}
# Variables of the worker's own template beside those that `defaults` gives a value.
OF_THE_WORKER = {"annotations", "name", "backoff_limit", "image_pull_policy", "command"}


@pytest.fixture
def template():
    return yaml.safe_load(FILE.read_text())


@pytest.fixture
def pod(template):
    return template["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]


def test_every_variable_of_the_job_has_a_default_here_or_is_the_workers(template):
    named = set(re.findall(r"{{ *(\w+) *}}", FILE.read_text()))
    assert named == {*template["defaults"]} | OF_THE_WORKER


def test_what_is_to_be_filled_in_is_what_its_head_names():
    assert {*re.findall(r"\$\{(\w+)\}", FILE.read_text())} - {"NAME"} == TO_FILL


def test_it_is_a_job_of_kubernetes(template, pod):
    manifest = template["job_configuration"]["job_manifest"]
    assert (manifest["apiVersion"], manifest["kind"]) == ("batch/v1", "Job")
    assert {*manifest} == {"apiVersion", "kind", "metadata", "spec"}
    assert (pod["restartPolicy"], pod["parallelism"], pod["completions"]) == ("Never", 1, 1)


def test_its_container_may_do_nothing_but_run(pod):
    (container,) = pod["containers"]
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
    assert pod["terminationGracePeriodSeconds"] == at("kubernetes", STOP_SECONDS)
    assert pod["automountServiceAccountToken"] is False
