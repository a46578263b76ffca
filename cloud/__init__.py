"""The pipeline in the cloud: what ECS runs of it, and how it is planned, deployed and rehearsed.

It takes names and settings from `cloud/infra/`, and registers on Prefect's server with
`deployments/`.
"""
