"""Runs that wait for their own deployment are offered to a worker a few at a time."""

from dataclasses import dataclass

import pytest
from prefect.exceptions import ObjectNotFound

from deployments.deployments import read_deployments
from deployments.queues import OFFERED, ensure_queues

POOLS = {"docker": "docker", "control": "control"}
ECS = {"aws-ecs-prod": "aws-ecs-prod", "control": "control"}


@dataclass
class Queue:
    id: tuple[str, str]
    concurrency_limit: int | None


class Server:
    def __init__(self, *queues):
        self.limits = dict(queues)
        self.priorities = {}

    def read_work_queue_by_name(self, name, work_pool_name):
        key = (work_pool_name, name)
        if key not in self.limits:
            raise ObjectNotFound(KeyError(name))
        return Queue(key, self.limits[key])

    def create_work_queue(self, name, concurrency_limit, priority, work_pool_name):
        self.limits[work_pool_name, name] = concurrency_limit
        self.priorities[name] = priority

    def update_work_queue(self, key, concurrency_limit):
        self.limits[key] = concurrency_limit


@pytest.mark.parametrize(("pools", "pool"), [(POOLS, "docker"), (ECS, "aws-ecs-prod")])
def test_the_queue_of_each_deployment_with_a_limit_is_made(pools, pool):
    server, wanted = Server(), read_deployments(pools)
    ensure_queues(server, wanted)
    limited = [one for one in wanted["deployments"] if "concurrency_limit" in one]
    assert len(limited) >= len(("bronze", "silver", "gold", "pipeline", "backfill"))
    queues = [one["work_pool"]["work_queue_name"] for one in limited]
    assert server.limits == {(pool, name): 1 + OFFERED for name in queues}


@pytest.mark.parametrize("pools", [POOLS, ECS])
def test_layers_come_first_in_their_order_and_the_audit_last(pools):
    server = Server()
    ensure_queues(server, read_deployments(pools))
    *_, last = order = sorted(server.priorities, key=server.priorities.get)
    assert order[:3] == ["bronze", "silver", "gold"]
    assert last == "audit"
    assert len({*server.priorities.values()}) == len(order)


def test_a_limit_that_a_person_turned_stays():
    server = Server((("docker", "bronze"), 7))
    ensure_queues(server, read_deployments(POOLS))
    assert server.limits["docker", "bronze"] == 7


def test_a_queue_that_prefect_deploy_made_gets_its_limit():
    server = Server((("docker", "bronze"), None))
    ensure_queues(server, read_deployments(POOLS))
    assert server.limits["docker", "bronze"] == 1 + OFFERED
