"""The statements, by subject: cases and clocks, journal, jobs, messages, side tables.

To sort millions of events takes a minute, to scan them seconds. So links are checked by
XOR within each chain: every hash is met again as the `prev_hash` of the next event (and
every state reached as the next one left) and the two cancel out, each at its place;
what is left must be the two ends. And what is largest is read once: what several
sentences ask of the journal is one `shared` pass over it, and of jobs and messages
those that are wrong are counted in the pass that counts them all; only when there are
any is the table read again for their names.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """`counted` gives one number, `broken` one text for each violation.

    `shared` is a common table expression that both may read; neighbours with the same
    one are answered by one statement.
    """

    name: str
    sentence: Any
    counted: str
    broken: str
    shared: str = ""


CASES = "SELECT count(*) FROM cases_case"
OPEN_CASES = "SELECT count(*) FROM cases_case WHERE state = ANY(%(open)s)"
JOURNAL = """chains AS MATERIALIZED (
    SELECT chain, count(*) AS n,
           bit_xor((hashtextextended(hash, seq)
                # hashtextextended(prev_hash, seq - 1)) & %(low)s) AS links,
           max((seq::bigint << 32)
               | (hashtextextended(hash, seq) & %(low)s)) AS head,
           bit_xor(hashtextextended(detail->>'from', 0)
                   # hashtextextended(detail->>'to', 0))
               FILTER (WHERE detail ? 'transition') AS steps,
           max((seq::bigint << 32)
               | (hashtextextended(detail->>'to', 0) & %(low)s))
               FILTER (WHERE detail ? 'transition') AS arrived,
           count(*) FILTER (
               WHERE detail ? 'clocks' AND NOT detail ? 'aside') AS changes
    FROM governance_event GROUP BY chain)"""
JOBS = """ended AS MATERIALIZED (
    SELECT count(*) AS n,
           count(*) FILTER (WHERE leased_until IS NOT NULL OR error <> ''
                                  OR done_at < run_at) AS wrong
    FROM governance_job WHERE done_at IS NOT NULL)"""
MESSAGES = """told AS MATERIALIZED (
    SELECT count(*) AS n,
           count(*) FILTER (WHERE right(key, length(user_id::text) + 1)
                                  <> ':' || user_id) AS wrong
    FROM parties_notification)"""

INVARIANTS = (
    Invariant(
        name="state_known",
        sentence=_("每件案件都在流转表的一个状态里"),
        counted=CASES,
        broken="SELECT case_no FROM cases_case WHERE state <> ALL(%(states)s)",
    ),
    Invariant(
        name="one_holder",
        sentence=_("在办案件都有一个在用的责任单位"),
        counted=OPEN_CASES,
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN parties_organisation o ON o.id = c.holder_org_id AND o.is_active
            WHERE c.state = ANY(%(open)s) AND o.id IS NULL""",
    ),
    Invariant(
        name="way_back_known",
        sentence=_("审核、核查、评价和挂账的案件都知道退回哪里"),
        counted="SELECT count(*) FROM cases_case WHERE state = ANY(%(returning)s)",
        broken="""
            SELECT case_no FROM cases_case
            WHERE state = ANY(%(returning)s) AND resume_state <> ALL(%(resumed)s)""",
    ),
    Invariant(
        name="clocks_fit_state",
        sentence=_("案件上走着的计时与流转表对这个状态的规定一致"),
        counted=CASES,
        broken="""
            SELECT c.case_no || ' ' || c.state || ' [' || coalesce(r.stages, '') || ']'
            FROM cases_case c
            LEFT JOIN (
                SELECT case_id, string_agg(stage, ',' ORDER BY stage) AS stages
                FROM cases_caseclock
                WHERE stopped_at IS NULL AND running_since IS NOT NULL
                  AND assignment_id IS NULL AND stage <> ALL(%(beside)s)
                GROUP BY case_id
            ) r ON r.case_id = c.id
            WHERE c.state || ':' || coalesce(r.stages, '') <> ALL(%(running)s)""",
    ),
    Invariant(
        name="closed_stands_still",
        sentence=_("办完的案件只剩等待期，没有未停的办理计时"),
        counted="SELECT count(*) FROM cases_case WHERE state <> ALL(%(open)s)",
        broken="""
            SELECT DISTINCT c.case_no || ' ' || k.stage FROM cases_caseclock k
            JOIN cases_case c ON c.id = k.case_id
            WHERE k.stopped_at IS NULL AND c.state <> ALL(%(open)s)
              AND k.stage <> ALL(%(windows)s) AND k.stage <> ALL(%(beside)s)""",
    ),
    Invariant(
        name="one_open_clock",
        sentence=_("同一案件、同一环节、同一单位最多一个未停的计时"),
        counted="SELECT count(*) FROM cases_caseclock WHERE stopped_at IS NULL",
        broken="""
            SELECT 'case:' || case_id || ' ' || stage FROM cases_caseclock
            WHERE stopped_at IS NULL
            GROUP BY case_id, stage, assignment_id HAVING count(*) > 1""",
    ),
    Invariant(
        name="nearest_deadline",
        sentence=_("案件的最近时限就是走着的计时中最早的一个"),
        counted=CASES,
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN (
                SELECT case_id, min(due_at) AS due_at FROM cases_caseclock
                WHERE stopped_at IS NULL AND running_since IS NOT NULL
                  AND stage <> ALL(%(beside)s)
                GROUP BY case_id
            ) k ON k.case_id = c.id
            WHERE c.due_at IS DISTINCT FROM k.due_at""",
    ),
    Invariant(
        name="due_clocks_fired",
        sentence=_("到期的计时都已提醒、已办理，或有后续任务在等"),
        counted="""
            SELECT count(*) FROM cases_caseclock
            WHERE stopped_at IS NULL AND running_since IS NOT NULL
              AND due_at <= %(settled)s""",
        broken="""
            SELECT c.case_no || ' ' || k.stage FROM cases_caseclock k
            JOIN cases_case c ON c.id = k.case_id
            WHERE k.stopped_at IS NULL AND k.running_since IS NOT NULL
              AND k.due_at <= %(settled)s
              AND CASE WHEN k.stage = ANY(%(windows)s)
                  THEN k.stage || ':' || c.state = ANY(%(ends_state)s)
                       AND c.last_score <> 'dissatisfied'
                       AND c.appeal_review = '' AND c.file_gaps = ''
                  ELSE NOT EXISTS (SELECT 1 FROM cases_clockalert a
                                   WHERE a.clock_id = k.id AND a.percent = 100) END
              AND NOT EXISTS (
                  SELECT 1 FROM governance_job j
                  WHERE j.done_at IS NULL AND j.subject = 'case:' || c.id
                    AND j.task = 'cases.tasks.watch_clock'
                    AND (j.args->>'clock_id')::bigint = k.id)""",
    ),
    Invariant(
        name="alerted_once",
        sentence=_("每个计时的每一档提醒在同一时限内最多一次"),
        counted="SELECT count(*) FROM cases_clockalert",
        broken="""
            SELECT 'clock:' || clock_id || ' ' || percent || '%%' FROM cases_clockalert
            GROUP BY clock_id, percent, limit_n HAVING count(*) > 1""",
    ),
    Invariant(
        name="chain_intact",
        sentence=_("流水一条接一条，没有断开也没有缺号"),
        shared=JOURNAL,
        counted="SELECT coalesce(sum(n), 0)::bigint FROM chains",
        broken="""
            SELECT chain FROM chains WHERE n <> head >> 32
                OR links <> (head & %(low)s) # (hashtextextended('', 0) & %(low)s)""",
    ),
    Invariant(
        name="steps_connect",
        sentence=_("每一步都从上一步到达的状态出发，最后一步到达现在的状态"),
        shared=JOURNAL,
        counted=CASES,
        broken="""
            SELECT c.case_no || ' ' || c.state FROM cases_case c
            LEFT JOIN chains e ON e.chain = 'case:' || c.id
            WHERE e.steps IS DISTINCT FROM
                      hashtextextended('DRAFT', 0) # hashtextextended(c.state, 0)
               OR e.arrived & %(low)s <> hashtextextended(c.state, 0) & %(low)s""",
    ),
    Invariant(
        name="one_event_each",
        sentence=_("案件每变一次就有一条流水，不多不少，也没有无主的流水"),
        shared=JOURNAL,
        counted=CASES,
        broken="""
            SELECT coalesce(c.case_no, e.chain) FROM cases_case c
            FULL JOIN (SELECT * FROM chains WHERE chain LIKE 'case:%%') e
              ON e.chain = 'case:' || c.id
            WHERE c.version IS DISTINCT FROM e.changes""",
    ),
    Invariant(
        name="jobs_move",
        sentence=_("到时的后续任务都已做完或正在做"),
        counted="SELECT count(*) FROM governance_job WHERE done_at IS NULL",
        broken="""
            SELECT '#' || id || ' ' || task || ' ' || subject || ' '
                   || left(error, 60)
            FROM governance_job
            WHERE done_at IS NULL
              AND run_at <= %(settled)s AND created_at <= %(settled)s
              AND (leased_until IS NULL OR leased_until < now() - %(grace)s)""",
    ),
    Invariant(
        name="jobs_end_clean",
        sentence=_("做完的后续任务没有留下租约和错误，且做在到时之后"),
        shared=JOBS,
        counted="SELECT n FROM ended",
        broken="""
            SELECT '#' || id || ' ' || task FROM governance_job
            WHERE (SELECT wrong FROM ended) > 0 AND done_at IS NOT NULL
              AND (leased_until IS NOT NULL OR error <> '' OR done_at < run_at)""",
    ),
    Invariant(
        name="letters_move",
        sentence=_("到期要发出的消息都有后续任务去发"),
        counted="SELECT count(*) FROM parties_delivery WHERE state = 'waiting'",
        broken="""
            SELECT '#' || d.id || ' ' || d.title FROM parties_delivery d
            JOIN parties_channel c ON c.id = d.channel_id AND c.enabled
            WHERE d.state = 'waiting' AND d.next_try_at <= %(settled)s
              AND NOT EXISTS (
                  SELECT 1 FROM governance_job j
                  WHERE j.subject = 'channel:' || c.id AND j.done_at IS NULL)
              AND NOT EXISTS (
                  SELECT 1 FROM parties_delivery e
                  WHERE e.channel_id = d.channel_id AND e.lane = d.lane
                    AND e.id < d.id AND e.state = 'stuck')""",
    ),
    Invariant(
        name="told_once",
        sentence=_("同一件事对同一个人只发一条消息"),
        shared=MESSAGES,
        counted="SELECT n FROM told",
        broken="""
            SELECT '#' || id || ' ' || key FROM parties_notification
            WHERE (SELECT wrong FROM told) > 0
              AND right(key, length(user_id::text) + 1) <> ':' || user_id""",
    ),
    Invariant(
        name="submitted_once",
        sentence=_("一份提交对应一件案件，一件案件只来自一份提交"),
        counted="SELECT count(*) FROM cases_submission",
        broken="""
            SELECT string_agg(id::text, ' ') FROM cases_submission
            GROUP BY coalesce(case_id::text, id::text)
            HAVING count(*) > 1 OR count(case_id) = 0""",
    ),
    Invariant(
        name="lines_fit_case",
        sentence=_("吹哨派单及其报到计时与所属吹哨单、案件一致"),
        counted="SELECT count(*) FROM cases_whistleassignment",
        broken="""
            SELECT w.number FROM cases_whistleassignment a
            JOIN cases_whistle w ON w.id = a.whistle_id WHERE w.case_id <> a.case_id
            UNION ALL
            SELECT 'clock:' || k.id FROM cases_caseclock k
            JOIN cases_whistleassignment a ON a.id = k.assignment_id
            WHERE k.case_id <> a.case_id OR k.stopped_at IS NULL
              AND a.status NOT IN ('pending', 'return_requested')""",
    ),
    Invariant(
        name="checkins_wait",
        sentence=_("争议、协调和挂账期间，没有单位的报到计时在走"),
        counted="""
            SELECT count(*) FROM cases_caseclock
            WHERE stage = 'CHECKIN' AND stopped_at IS NULL""",
        broken="""
            SELECT c.case_no || ' ' || c.state FROM cases_caseclock k
            JOIN cases_case c ON c.id = k.case_id
            WHERE k.stage = 'CHECKIN' AND k.stopped_at IS NULL
              AND (k.running_since IS NOT NULL) <> (c.state = ANY(%(whistled)s))""",
    ),
    Invariant(
        name="one_lead",
        sentence=_("每张发出的吹哨单有且只有一个主办单位"),
        counted="SELECT count(*) FROM cases_whistle WHERE status = 'blown'",
        broken="""
            SELECT w.number FROM cases_whistle w
            LEFT JOIN cases_whistleassignment a
              ON a.whistle_id = w.id AND a.role = 'lead'
            WHERE w.status = 'blown' GROUP BY w.id HAVING count(a.id) <> 1""",
    ),
    Invariant(
        name="lead_is_called",
        sentence=_("部门办理中的案件，主办就是最近一张吹哨单的主办单位"),
        counted="SELECT count(*) FROM cases_case WHERE state = ANY(%(whistled)s)",
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN LATERAL (
                SELECT id FROM cases_whistle w
                WHERE w.case_id = c.id AND w.status = 'blown'
                ORDER BY w.blown_at DESC, w.id DESC LIMIT 1) w ON true
            LEFT JOIN cases_whistleassignment a
              ON a.whistle_id = w.id AND a.role = 'lead'
            WHERE c.state = ANY(%(whistled)s)
              AND (a.id IS NULL OR a.organisation_id IS DISTINCT FROM c.lead_org_id)""",
    ),
    Invariant(
        name="one_dispute",
        sentence=_("争议裁定中的案件有且只有一份待裁定的异议，别处没有"),
        counted="SELECT count(*) FROM cases_dispute",
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN (SELECT case_id, count(*) AS n FROM cases_dispute
                       WHERE outcome = '' GROUP BY case_id) d ON d.case_id = c.id
            WHERE coalesce(d.n, 0) <> (c.state = 'DISPUTED')::int""",
    ),
    Invariant(
        name="visits_fit_state",
        sentence=_("核实、核查任务只在核实中、核查中未交，且各有一个"),
        counted="SELECT count(*) FROM cases_sitetask",
        broken="""
            SELECT c.case_no || ' ' || t.kind FROM cases_sitetask t
            JOIN cases_case c ON c.id = t.case_id
            WHERE t.submitted_at IS NULL AND c.state <> CASE t.kind
                WHEN 'verify' THEN 'VERIFYING' WHEN 'check' THEN 'CHECKING'
                ELSE c.state END
            UNION ALL
            SELECT c.case_no FROM cases_case c
            WHERE (c.state = 'VERIFYING'
                   OR c.state = 'CHECKING' AND c.check_result = '')
              AND NOT EXISTS (
                SELECT 1 FROM cases_sitetask t
                WHERE t.case_id = c.id AND t.submitted_at IS NULL)""",
    ),
    Invariant(
        name="merged_has_master",
        sentence=_("已并案的案件都有主案，主案没有被并案"),
        counted="SELECT count(*) FROM cases_case WHERE state = 'MERGED'",
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN cases_case m ON m.id = c.master_id
            WHERE (c.state = 'MERGED') <> (c.master_id IS NOT NULL)
               OR m.state = 'MERGED' OR c.master_id = c.id""",
    ),
    Invariant(
        name="counts_agree",
        sentence=_("“＋1”人数和重复上报数与明细一致"),
        counted=CASES,
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN (SELECT case_id, count(*) AS n FROM cases_support
                       GROUP BY case_id) s ON s.case_id = c.id
            LEFT JOIN (SELECT master_id, count(*) AS n FROM cases_case
                       WHERE master_id IS NOT NULL GROUP BY master_id) d
              ON d.master_id = c.id
            WHERE c.supporters_count <> coalesce(s.n, 0)
               OR c.duplicates_count <> coalesce(d.n, 0)""",
    ),
    Invariant(
        name="called_agree",
        sentence=_("案件上记的被吹哨单位与已发出的吹哨单一致"),
        counted=CASES,
        broken="""
            SELECT c.case_no FROM cases_case c
            LEFT JOIN (
                SELECT a.case_id,
                       array_agg(DISTINCT a.organisation_id
                                 ORDER BY a.organisation_id) AS ids
                FROM cases_whistleassignment a
                JOIN cases_whistle w ON w.id = a.whistle_id
                WHERE w.status = 'blown' GROUP BY a.case_id
            ) a ON a.case_id = c.id
            WHERE c.called_ids <> coalesce(a.ids, '{}')""",
    ),
    Invariant(
        name="constraints_stand",
        sentence=_("数据库的约束和唯一索引都在，外键都已验证"),
        counted="SELECT cardinality(%(constraints)s)",
        broken="""
            SELECT name FROM unnest(%(constraints)s) name
            WHERE name NOT IN (
                SELECT conname::text FROM pg_constraint WHERE convalidated
                UNION ALL
                SELECT c.relname::text FROM pg_index i
                JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid)
            UNION ALL
            SELECT conname::text FROM pg_constraint
            WHERE NOT convalidated AND connamespace = current_schema()::regnamespace""",
    ),
)  # fmt: skip
