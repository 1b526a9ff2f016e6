"""Routes of the board and of the audit."""

from django.urls import URLPattern, URLResolver, path

from oversight.views import audit, board, briefings, lists, maps, month

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/board/", board.board, name="board"),
    path("desk/board/now/", board.now, name="board_now"),
    path("desk/board/month/", month.month, name="board_month"),
    path("desk/board/pulse/", board.pulse, name="board_pulse"),
    path("desk/board/briefing/", briefings.briefing, name="briefing"),
    path("desk/board/briefing.xlsx", briefings.excel, name="briefing_excel"),
    path("desk/board/loads/", maps.loads, name="board_loads"),
    path("desk/board/tiles/<int:z>/<int:x>/<int:y>.mvt", maps.tile, name="board_tile"),
    path("desk/board/lists/<slug:code>/", lists.listed, name="board_list"),
    path("audit/", audit.audit, name="audit"),
    path("audit/entries/<int:event_id>/", audit.entry, name="audit_entry"),
    path("audit/checks/", audit.audit_checks, name="audit_checks"),
]
