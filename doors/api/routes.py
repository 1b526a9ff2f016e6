"""Routes of what people do with cases beside their steps, and of the figures."""

from django.urls import URLPattern, path

from doors.api import (
    board,
    bulk,
    case_file,
    catalogue,
    colleagues,
    meetings,
    own_work,
    spot,
    standing,
    worklists,
)

urlpatterns: list[URLPattern] = [
    path("cases/bulk/", bulk.BulkActionsView.as_view(), name="api_bulk"),
    path("cases/bulk/<slug:action>/", bulk.BulkView.as_view(), name="api_bulk_action"),
    path(
        "cases/<int:case_id>/file/",
        case_file.CaseFileView.as_view(),
        name="api_case_file",
    ),
    path(
        "cases/<int:case_id>/notes/", colleagues.NotesView.as_view(), name="api_notes"
    ),
    path(
        "cases/<int:case_id>/readers/",
        colleagues.ReadersView.as_view(),
        name="api_readers",
    ),
    path(
        "cases/<int:case_id>/contact/",
        colleagues.ContactView.as_view(),
        name="api_contact",
    ),
    path(
        "cases/<int:case_id>/presence/",
        colleagues.PresenceView.as_view(),
        name="api_presence",
    ),
    path("cases/<int:case_id>/seen/", colleagues.SeenView.as_view(), name="api_seen"),
    path("cases/<int:case_id>/alike/", spot.CaseAlikeView.as_view(), name="api_alike"),
    path(
        "cases/<int:case_id>/support/", spot.SupportView.as_view(), name="api_support"
    ),
    path(
        "cases/<int:case_id>/actions/<slug:action>/draft/",
        own_work.DraftView.as_view(),
        name="api_draft",
    ),
    path("duplicates/", spot.DuplicatesView.as_view(), name="api_duplicates"),
]

urlpatterns += [  # worklists and what people keep for them
    path("desk/", worklists.QueuesView.as_view(), name="api_queues"),
    path("desk/<slug:queue>/", worklists.QueueView.as_view(), name="api_queue"),
    path("inbox/", worklists.BoxesView.as_view(), name="api_boxes"),
    path("inbox/<slug:box>/", worklists.BoxView.as_view(), name="api_box"),
    path("views/", own_work.ViewsView.as_view(), name="api_views"),
    path("views/<int:view_id>/", own_work.ViewView.as_view(), name="api_view"),
    path("views/<int:view_id>/move/", own_work.MoveView.as_view(), name="api_move"),
    path("phrases/", own_work.PhrasesView.as_view(), name="api_phrases"),
    path("phrases/<int:phrase_id>/", own_work.PhraseView.as_view(), name="api_phrase"),
    path(
        "phrases/<int:phrase_id>/approve/",
        own_work.PhraseApprovalView.as_view(),
        name="api_phrase_approval",
    ),
    path(
        "phrases/<int:phrase_id>/withdraw/",
        own_work.PhraseWithdrawalView.as_view(),
        name="api_phrase_withdrawal",
    ),
    path("site-tasks/", spot.SiteTasksView.as_view(), name="api_site_tasks"),
    path(
        "site-tasks/<int:task_id>/arrive/", spot.ArriveView.as_view(), name="api_arrive"
    ),
    path("site-tasks/<int:task_id>/leave/", spot.LeaveView.as_view(), name="api_leave"),
]

urlpatterns += [  # meetings and what stands
    path("meetings/", meetings.MeetingsView.as_view(), name="api_meetings"),
    path(
        "meetings/waiting/", meetings.WaitingView.as_view(), name="api_meeting_waiting"
    ),
    path(
        "meetings/<int:meeting_id>/", meetings.MeetingView.as_view(), name="api_meeting"
    ),
    path(
        "meetings/<int:meeting_id>/agenda/",
        meetings.AgendaView.as_view(),
        name="api_agenda",
    ),
    path(
        "meetings/<int:meeting_id>/agenda/<int:item_id>/take-off/",
        meetings.TakeOffView.as_view(),
        name="api_take_off",
    ),
    path(
        "meetings/<int:meeting_id>/rulings/",
        meetings.RulingsView.as_view(),
        name="api_rulings",
    ),
    path(
        "meetings/<int:meeting_id>/minutes/",
        meetings.MinutesView.as_view(),
        name="api_minutes",
    ),
    path("gaps/", standing.GapsView.as_view(), name="api_gaps"),
    path("gaps/<int:gap_id>/", standing.GapView.as_view(), name="api_gap"),
    path("gaps/<int:gap_id>/settle/", standing.SettleView.as_view(), name="api_settle"),
    path("routing-gaps/", standing.RoutingGapsView.as_view(), name="api_routing_gaps"),
    path("supervision/", standing.SupervisionView.as_view(), name="api_supervision"),
    path("suspended/", standing.SuspendedView.as_view(), name="api_suspended"),
]

urlpatterns += [  # catalogue and figures
    path(
        "categories/suggest/", catalogue.SuggestView.as_view(), name="api_suggestions"
    ),
    path(
        "categories/<int:category_id>/",
        catalogue.CategoryView.as_view(),
        name="api_category",
    ),
    path("board/", board.BoardView.as_view(), name="api_board"),
    path("board/period/", board.BoardPeriodView.as_view(), name="api_board_period"),
    path(
        "board/lists/<slug:code>/", board.BoardRowsView.as_view(), name="api_board_rows"
    ),
    path("figures/scores/", standing.ScoresView.as_view(), name="api_scores"),
    path("figures/tables/", board.FigureTablesView.as_view(), name="api_figure_tables"),
    path(
        "figures/<slug:code>/rows/",
        board.FigureRowsView.as_view(),
        name="api_figure_rows",
    ),
]
