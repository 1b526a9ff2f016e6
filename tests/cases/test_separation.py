"""职责分离: who checked a case does not confirm the check (DOMAIN C.1)."""

from typing import Any

import pytest

from cases import actions
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road
from tests.factories import PostingFactory


def test_checker_cannot_confirm_the_own_check(
    world: Any, file_case: Any, photos: Any
) -> None:
    case = Road(world, file_case, photos).checked()
    desk = world.postings["street_acceptor"].post
    both = PostingFactory(user=world.postings["grid_b"].user, post=desk)
    with pytest.raises(Refused) as refused:
        actions.confirm_check(
            case_id=case.pk, opinion="同意", closing_met=True,
            actor=Actor.of(Posting.objects.with_post().get(pk=both.pk)), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "separation"
