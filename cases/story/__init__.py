"""The journal of a case in plain Chinese: who did what, when, and what was given."""

from cases.story.timeline import RULES, Entry, person, timeline

__all__ = ["RULES", "Entry", "person", "timeline"]
