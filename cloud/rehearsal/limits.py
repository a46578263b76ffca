"""The known differences between any rehearsal and production: stand-ins, and what is left out."""

from cloud.rehearsal.table import Row, Verdict

# Part, production, here, why. What was measured: docs/decisions/0014-a-fargate-of-our-own.md.
STAND_INS = [
    Row(part, production, here, Verdict.STANDS_IN, why)
    for part, production, here, why in [
        ("ECS", "AWS", "ministack", "it keeps tasks, and says at once that they run"),
        (
            "Fargate",
            "AWS",
            "mocks/fargate behind the gate",
            "ministack's containers have no user, limits, read-only root or network",
        ),
        (
            "events of tasks",
            "ECS and EventBridge",
            "mocks/fargate, by cloud/infra/'s rule and queue",
            "ministack's ECS tells nothing",
        ),
        (
            "where the image is",
            "ECR, by its digest there",
            "this engine, by its configuration's",
            "nothing is pulled offline",
        ),
        (
            "the image of a second deploy",
            "built from another commit",
            "the first, with another label",
            "a deploy and a task know an image by its digest alone",
        ),
        ("ECS's service", "keeps the worker running", "Compose", "from its task definition"),
        ("keys of a task", "by its role", "two variables", "LocalStack knows one pair"),
        ("network", "awsvpc, private subnets", "the stack's", "Docker has no VPC"),
        ("new privileges", "Fargate can't forbid them", "forbidden", "the gate asks for it"),
        ("schedules", "active", "at rest", "a rehearsal starts its runs itself"),
        (
            "Prefect's server",
            "a service with RDS and EFS",
            "the stack's",
            "cloud/infra/ makes it on AWS",
        ),
        (
            "the worker of other runs",
            "a service, control",
            "the stack's",
            "the same image, command and probe",
        ),
    ]
]

NOT_HERE = [
    Row(part, production, "not tried", Verdict.NOT_HERE, why)
    for part, production, why in [
        (
            "IAM of the roles",
            "enforced",
            "ministack would refuse what AWS allows; make test-cloud holds the policies",
        ),
        ("Fargate's own limits", "enforced", "tmpfs, start-up time and disk show on AWS"),
        ("security groups, NAT", "only HTTPS and Prefect get out", "Docker has neither"),
        ("TLS", "to S3, Snowflake and the Scan", "the local ones speak none"),
        ("Snowflake's rights", "role, warehouse, network policy", "the local one checks none"),
        ("delivery of events", "at least once, in seconds", "here once, and at once"),
        ("alarms", "to SNS and Slack", "made on ministack, and not rung"),
        (
            "a rolling replacement of the server",
            "two for a minute, behind one name",
            "both would publish one port; tests/e2e/test_restarts.py kills the stack's",
        ),
    ]
]
