"""Prefect tasks: policy, not work."""
