"""The environment of the stack's deploy job: the pool of flow runs may ask for nothing else."""

from pathlib import Path

import yaml

COMPOSE = yaml.safe_load(Path("docker-compose.yml").read_text())
GIVEN = {
    **dict.fromkeys(COMPOSE["services"]["deploy"]["environment"], "x"),
    "FLOW_CPUS": "2",
    "FLOW_MEMORY": "1g",
    "FLOW_NETWORKS": "[]",
    "FLOW_VOLUMES": '["/a:/b:ro","/c:/d:ro"]',
    "SLACK_WEBHOOK_URL": "http://slack",
}
