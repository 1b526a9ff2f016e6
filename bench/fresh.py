"""A process that has done nothing yet: what it takes in memory is the task's own."""

import multiprocessing
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import django
from django.db import connection, connections

T = TypeVar("T")
_spawn = multiprocessing.get_context("spawn")


def result(task: Callable[..., T], *given: Any) -> T:
    """What a function of a module answers there, in this process's database.

    RuntimeError when it failed; the process has printed why.
    """
    connections.close_all()
    found = _spawn.SimpleQueue()
    name = connection.settings_dict["NAME"]
    what = (name, task.__module__, task.__name__, given, found)
    child = _spawn.Process(target=_run, args=what)
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"{task.__name__} failed; see above")
    answer: T = found.get()
    return answer


def _run(database: str, module: str, name: str, given: Any, found: Any) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
    found.put(getattr(import_module(module), name)(*given))
