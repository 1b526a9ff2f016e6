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
# Celery would close the database connection after every task; `governance.jobs` checks
# it before use instead.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
# Beat must not hang on a broker that does not answer: what was missed is rung again.
RING = {"retry": False, "expires": 30}
app.conf.beat_schedule = {
    "heartbeat": {
        "task": "governance.tasks.beat_heartbeat",
        "schedule": 5.0,
        "options": RING,
    },
    "anchor": {
        "task": "governance.tasks.anchor_journal",
        "schedule": 3600.0,
        "options": RING,
    },
    "followers": {
        "task": "civics.tasks.tell_followers",
        "schedule": 60.0,
        "options": RING,
    },
    "area_followers": {
        "task": "civics.tasks.tell_area_followers",
        "schedule": 600.0,
        "options": RING,
    },
    "retention": {
        "task": "civics.tasks.purge",
        "schedule": 900.0,
        "options": RING,
    },
}
