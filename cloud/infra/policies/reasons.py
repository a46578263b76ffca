"""The wildcards and public grants that are allowed, each with a reason; unused ones are errors."""

_KEY_IS_ITS_OWN = "in a key's own policy the resource * is that key"
_LOGIN = "ecr:GetAuthorizationToken knows no resources: the token is the account's"

# By resource and statement.
WILDCARDS: dict[tuple[str, str], str] = {
    ("Policy.deployer", "Login"): _LOGIN,
    ("RolePolicy.flow-execution", "Login"): _LOGIN,
    ("RolePolicy.worker-execution", "Login"): _LOGIN,
    ("RolePolicy.server-execution", "Login"): _LOGIN,
    ("RolePolicy.worker", "Definitions"): (
        "deregistering and describing a task definition know no resources"
    ),
    ("Key.alerts", "Account"): f"{_KEY_IS_ITS_OWN}; without it nobody could change this policy",
    ("Key.alerts", "Cloudwatch"): _KEY_IS_ITS_OWN,
    ("Key.alerts", "Budgets"): _KEY_IS_ITS_OWN,
    ("VpcEndpoint.s3", "SnowflakeResults"): (
        "large results come from buckets of Snowflake's whose names begin so, and change"
    ),
}
_WHAT_PASSES = "an endpoint says what may pass; roles and the bucket say who may do it"
EVERYBODY: dict[tuple[str, str], str] = {
    ("VpcEndpoint.s3", sid): _WHAT_PASSES
    for sid in ("Landing", "LandingBucket", "ImageLayers", "SnowflakeResults")
}
