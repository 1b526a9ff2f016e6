"""A worker that dies in the middle of an import leaves nothing of it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from governance.models import Event, Job
from parties.models import Address, Posting, User
from tests.exchange.conftest import filled, turn

ROWS = 3000
WRITE = """
import sys
import django
django.setup()
from exchange.tasks import write_import
assert write_import(job_id=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_what_was_half_written_is_not_there_and_the_next_worker_writes_all(
    admin, bring, bureau, state
):
    more = {"单位": bureau.name, "角色": "部门联络员"}
    rows = [
        {"账号": f"p{n}", "姓名": f"人{n}", "手机号": f"139{n:08}"} | more
        for n in range(ROWS)
    ]
    kept = bring("people", filled("people", *rows))
    admin.post(reverse("import_review", args=[kept.token]))
    job = Job.objects.get(task="exchange.tasks.write_import")
    before = Event.objects.count(), User.objects.count(), Posting.objects.count()

    worker = _worker(job.pk, state)
    try:
        while not 0 < kept.place.progress()[0] < ROWS:
            assert worker.poll() is None, "it was done before it could be killed"
            time.sleep(0.005)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    counts = Event.objects.count(), User.objects.count(), Posting.objects.count()
    assert counts == before
    assert not Address.objects.exists()
    kept.refresh_from_db()
    assert kept.state == "writing"
    page = admin.get(reverse("import_review", args=[kept.token])).content.decode()
    assert f'max="{ROWS}"' in page

    turn()
    kept.refresh_from_db()
    assert kept.state == "done"
    assert User.objects.filter(username__startswith="p").count() == ROWS
    assert Posting.objects.filter(reason="批量导入").count() == ROWS
    assert not kept.place.folder.exists()


def _worker(job_id, state):
    """A process of its own, on the database of the test."""
    name = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(job_id)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "WANGGE_DB_NAME": name, "WANGGE_STATE": str(state)},
    )
