"""Celery tasks: each carries a Job id, calls one action and decides nothing."""
