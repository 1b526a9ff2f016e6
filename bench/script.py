"""Turn what an action sent to the database into a script for pgbench.

The action is run once with its sequences set to numbers that occur nowhere else. In
the statements it sent, those numbers are then replaced by variables, which the script
fills from what the database answers: the same statements, in the same order, with the
same round trips, and nothing around them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

SENTINEL = 7_000_000_000
APART = 10_000_000
LITERAL = re.compile(r"'(?:[^']|'')*'")
INSERTED = re.compile(r'INSERT INTO "?(\w+)"? ')
RETURNED = re.compile(r'RETURNING (?:"\w+"\.)?"?(\w+)"?$')


@dataclass
class Script:
    """Statements with the variables they fill and use."""

    statements: list[str]
    names: dict[str, str] = field(default_factory=dict)

    def put(self, text: str, variable: str) -> None:
        """Let `text` be the value of `:variable` wherever it occurs."""
        self.names[text] = variable

    def text(self) -> str:
        """The script; a returned value is kept only when it is used later."""
        lines = ["BEGIN;"]
        for number, statement in enumerate(self.statements):
            filled = self._filled(statement)
            later = "\n".join(self.statements[number + 1 :])
            lines.append(filled + self._end(statement, later))
        return "\n".join([*lines, "COMMIT;", ""])

    def _filled(self, statement: str) -> str:
        def in_literal(found: re.Match[str]) -> str:
            literal = found[0]
            for text, variable in self.names.items():
                # A colon before a variable would be read as a cast.
                literal = literal.replace(f":{text}", f":' || :{variable} || '")
                literal = literal.replace(text, f":{variable}")
            if " || " in literal and literal != found[0]:
                kind = "jsonb" if literal[1] in "{[" else "text"
                literal = f"({literal})::{kind}"
            return literal

        statement = LITERAL.sub(in_literal, statement)
        for text, variable in self.names.items():
            statement = re.sub(rf"(?<![\w:]){text}\b", f":{variable}", statement)
        return statement

    def _end(self, statement: str, later: str) -> str:
        table, column = INSERTED.match(statement), RETURNED.search(statement)
        if table and column:
            filled = f"{table[1]}_{column[1]}"
            for text, variable in self.names.items():
                if variable.endswith(filled) and text in later:
                    return f" \\gset {table[1]}_"
        return ";"


def sent(call: Callable[[], object]) -> list[str]:
    """The statements of one call, with their values written in."""
    seen: list[str] = []

    def keep(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        cursor = context["cursor"].cursor
        seen.append(cursor.mogrify(sql, params).decode().strip().rstrip(";"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        call()
    return seen


def recorded(call: Callable[[], object], tables: list[str]) -> Script:
    """The script of one call that inserts at most one used row into each table."""
    numbers = {table: SENTINEL + APART * index for index, table in enumerate(tables)}
    with connection.cursor() as cursor:
        for table, number in numbers.items():
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                [table, number],
            )
    script = Script(sent(call))
    for table, number in numbers.items():
        script.put(str(number), f"{table}_id")
    return script
