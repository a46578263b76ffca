"""A stand-in for AWS Fargate: tasks of an emulated ECS become containers on this machine.

ministack keeps tasks and their definitions, and says of each at once that it runs; here it does.
"""
