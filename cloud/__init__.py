"""The pipeline in the cloud: what ECS runs of it, and how it is planned, deployed and rehearsed.

It takes names and settings from `cloud/infra/`, and tells Prefect's server by `deployments/`.
"""
