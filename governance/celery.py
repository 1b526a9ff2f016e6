"""The Celery application and its timetable.

Celery is the engine, PostgreSQL the truth: every task carries the id of a Job row
(`governance.jobs`), so a lost broker or worker costs a lease and never a step. There
is no eta, countdown, chain or chord anywhere; a timer is a Job whose `run_at` lies
ahead.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

app = Celery("wangge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("governance.pulse:WorkerPulse")
app.conf.beat_schedule = {
    "heartbeat": {"task": "governance.tasks.beat_heartbeat", "schedule": 5.0},
    "anchor": {"task": "governance.tasks.anchor_journal", "schedule": 3600.0},
}
