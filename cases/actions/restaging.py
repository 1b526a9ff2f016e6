"""Photos taken before it was clear whether a matter is reported or done on the spot."""

import uuid

from django.db import transaction

from cases.models import Photo
from parties.acting import Actor

Stage = Photo.Stage
ON_REPORT = {Stage.BEFORE: Stage.REPORT, Stage.AFTER: Stage.REPORT}
ON_SPOT = {Stage.REPORT: Stage.BEFORE}


@transaction.atomic
def restage_photos(*, batch: uuid.UUID, on_spot: bool, actor: Actor) -> int:
    """Name the stage of the actor's photos of a batch that belongs to no case yet."""
    stages = ON_SPOT if on_spot else ON_REPORT
    mine = Photo.objects.filter(batch=batch, case=None, user_id=actor.user_id or 0)
    return sum(mine.filter(stage=old).update(stage=new) for old, new in stages.items())
