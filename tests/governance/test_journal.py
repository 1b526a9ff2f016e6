"""The journal cannot be changed, and what is changed all the same is found."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from governance import events, journal, tasks
from governance.models import Anchor, Event

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Someone:
    def snapshot(self):
        return {"name": "张网格"}


@transaction.atomic
def record(chain="case:1", **detail):
    return events.record(
        chain=chain, action="case.report", actor=Someone(), at=AT, detail=detail
    )


def tamper(sql):
    """What someone with the database's own password could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_event DISABLE TRIGGER event_append_only")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE governance_event ENABLE TRIGGER event_append_only")


def faults(chain=None):
    return [str(fault) for fault in journal.verify(chain)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE governance_event SET action = 'case.close'",
        "DELETE FROM governance_event",
    ],
)
def test_database_refuses_to_change_the_journal(sql):
    record()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert Event.objects.get().action == "case.report"


@pytest.mark.django_db
def test_database_refuses_to_truncate_the_journal():
    with (
        pytest.raises(IntegrityError, match="TRUNCATE"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE governance_event ENABLE TRIGGER event_no_truncate")
        cursor.execute("TRUNCATE governance_event")


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError):
        events.record(chain="case:1", action="a.b", actor=Someone(), at=AT)


@pytest.mark.django_db
def test_events_of_a_chain_are_numbered_and_linked():
    first, second, other = record(), record(), record(chain="case:2")
    assert (first.seq, second.seq, other.seq) == (1, 2, 1)
    assert second.prev_hash == first.hash
    assert other.prev_hash == ""


@pytest.mark.django_db
def test_untouched_journal_has_no_fault():
    for number in range(3):
        record(number=number, note="路灯不亮", at=AT)
        record(chain="case:2")
    journal.anchor(at=AT)
    assert faults() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("""UPDATE governance_event SET detail = '{"n": 9}' WHERE seq = 2""", "不符"),
        ("UPDATE governance_event SET at = at + interval '1 s' WHERE seq = 2", "不符"),
        ("""UPDATE governance_event SET actor = '{}' WHERE seq = 3""", "不符"),
        ("DELETE FROM governance_event WHERE seq = 2", "缺少"),
        ("DELETE FROM governance_event WHERE seq = 1", "缺少"),
        ("UPDATE governance_event SET prev_hash = 'x' WHERE seq = 2", "衔接不上"),
    ],
)
def test_tampering_is_found(sql, found):
    for number in range(3):
        record(n=number)
    record(chain="case:2")
    tamper(sql)
    assert any(found in fault and "case:1#" in fault for fault in faults())
    assert any(found in fault for fault in faults("case:1"))


@pytest.mark.django_db
def test_tail_cut_off_is_found_by_the_anchor():
    record()
    record()
    journal.anchor(at=AT)
    tamper("DELETE FROM governance_event WHERE seq = 2")
    assert faults("case:1") == []
    assert ["删除或改动" in fault for fault in faults()] == [True]


@pytest.mark.django_db
def test_anchor_covers_only_what_grew_since_the_last():
    record()
    record(chain="case:2")
    first = journal.anchor(at=AT)
    record()
    second = journal.anchor(at=AT + timedelta(days=1))
    assert (first.chains, second.chains) == (2, 1)
    assert second.first_event_id == first.last_event_id + 1
    assert second.prev_hash == first.hash
    assert journal.anchor(at=AT) is None
    assert faults() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "found"),
    [({"digest": "0" * 64}, "改动过"), ({"prev_hash": "x"}, "衔接不上")],
)
def test_changed_anchor_is_found(change, found):
    record()
    journal.anchor(at=AT)
    Anchor.objects.update(**change)
    assert any(found in fault for fault in faults())


@pytest.mark.django_db
def test_removed_anchor_is_found_by_the_one_after_it():
    record()
    first = journal.anchor(at=AT)
    record()
    journal.anchor(at=AT)
    first.delete()
    assert any("衔接不上" in fault for fault in faults())


@pytest.mark.django_db(transaction=True)
def test_anchor_file_betrays_a_journal_written_anew(settings, tmp_path):
    settings.ANCHOR_FILE = str(tmp_path / "anchors")
    record()
    row = journal.anchor(at=AT)
    line = json.loads((tmp_path / "anchors").read_text(encoding="utf-8"))
    assert line["hash"] == row.hash
    assert faults() == []
    tamper("TRUNCATE governance_event RESTART IDENTITY")
    row.delete()
    record(changed="yes")
    journal.anchor(at=AT)
    assert any("锚点文件第 1 行" in fault for fault in faults())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", [b'{"hash": "cut o', b"\xff\xfe", b"[]", b"{}", b""])
def test_a_spoilt_line_of_the_anchor_file_is_a_fault(settings, tmp_path, line):
    settings.ANCHOR_FILE = str(tmp_path / "anchors")
    record()
    journal.anchor(at=AT)
    with (tmp_path / "anchors").open("ab") as file:
        file.write(line + b"\n")
    assert faults() == ["锚点文件第 2 行：不是锚点的记录，文件损坏或被改动过"]


@pytest.mark.django_db
def test_journal_is_anchored_once_a_day():
    record()
    tasks.anchor_journal()
    record()
    tasks.anchor_journal()
    assert Anchor.objects.count() == 1


@pytest.mark.django_db
def test_what_is_new_need_not_be_anchored_yet():
    assert journal.all_anchored(AT)
    event = record()
    assert journal.all_anchored(event.at)
    assert not journal.all_anchored(event.at + timedelta(seconds=1))
    journal.anchor(at=AT)
    assert journal.all_anchored(event.at + timedelta(days=9))


@pytest.mark.django_db
def test_command_reports_a_sound_journal(capsys):
    record()
    call_command("verify_journal")
    assert "流水完整：1 条流水" in capsys.readouterr().out
    call_command("verify_journal", "--chain", "case:9")
    assert "0 条流水" in capsys.readouterr().out


@pytest.mark.django_db
def test_command_fails_on_a_fault(capsys):
    record()
    tamper("UPDATE governance_event SET action = 'case.close'")
    with pytest.raises(CommandError, match="发现 1 处问题"):
        call_command("verify_journal")
    assert "case:1#1" in capsys.readouterr().out


@pytest.mark.django_db
def test_entries_recorded_together_continue_their_chains():
    record()
    entries = [
        events.Entry("case:1", "case.accept", {"n": 1}),
        events.Entry("case:2", "case.report"),
        events.Entry("case:1", "case.close"),
    ]
    with transaction.atomic():
        events.record_all(entries, actor=Someone(), at=AT)
    chain = Event.objects.filter(chain="case:1").order_by("seq")
    assert [(one.seq, one.action) for one in chain] == [
        (1, "case.report"), (2, "case.accept"), (3, "case.close"),
    ]  # fmt: skip
    assert Event.objects.get(chain="case:2").prev_hash == ""
    assert not faults()


@pytest.mark.django_db(transaction=True)
def test_entries_are_recorded_only_inside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        events.record_all([events.Entry("case:1", "case.x")], actor=Someone(), at=AT)
