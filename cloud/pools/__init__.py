"""What runs on other people's machines: work pools for ECS and Kubernetes."""
