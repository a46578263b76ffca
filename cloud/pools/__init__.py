"""Work pools for ECS and Kubernetes, whose flow runs run on other people's machines."""
