"""A rehearsal's requests to the emulated AWS."""

from types import SimpleNamespace

from cloud.rehearsal.emulated import FLOW_RUN_TAG, Emulated

RUN = "7e9dc1a9-e0be-4f0a-9a0e-0f4f0c1a3d0b"


class EndingTask:
    """ECS while one task ends: it is asked for running tasks first, and for ended ones then."""

    def list_tasks(self, **_):
        return {"taskArns": ["task-1"]}

    def describe_tasks(self, tasks, **_):
        tags = [{"key": FLOW_RUN_TAG, "value": RUN}]
        return {"tasks": [{"taskArn": arn, "tags": tags, "createdAt": 1} for arn in tasks]}


def test_a_task_that_ends_between_two_questions_is_one():
    aws = SimpleNamespace(client=lambda _: EndingTask())
    emulated = Emulated(aws, SimpleNamespace(cluster_arn="cluster"), made=0)
    assert [one["taskArn"] for one in emulated.tasks_of(RUN)] == ["task-1"]
    assert emulated.tasks_of("another") == []
