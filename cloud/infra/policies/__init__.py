"""Policies of every stack: plain functions over recorded resources.

`cloud.infra.policies.rules` lists them all. Tests run them over the recorded graph; with the
engine, ``pulumi up --policy-pack cloud/infra/policies`` runs the same functions as a CrossGuard
pack.
"""
