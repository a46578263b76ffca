"""A stand-in for AWS Fargate: tasks of an emulated ECS become containers on this machine.

ministack keeps tasks and their definitions, and shows each as running at once; here they run.
"""
