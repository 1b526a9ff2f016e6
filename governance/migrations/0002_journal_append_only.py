"""The journal is append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

from django.db import migrations

FORBID = """
CREATE FUNCTION governance_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'governance_event is append-only, % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON governance_event
    FOR EACH STATEMENT EXECUTE FUNCTION governance_event_append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON governance_event
    FOR EACH STATEMENT EXECUTE FUNCTION governance_event_append_only();
"""

ALLOW = """
DROP TRIGGER event_no_truncate ON governance_event;
DROP TRIGGER event_append_only ON governance_event;
DROP FUNCTION governance_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
