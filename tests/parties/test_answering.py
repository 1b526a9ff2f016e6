"""Who answers for an area: the body itself, not one of its offices."""

import pytest

from grids.codes import Level
from parties.models import Organisation
from tests.factories import OrganisationFactory, area_of


@pytest.mark.django_db
def test_the_body_answers_and_its_office_does_not() -> None:
    street = area_of("990101001")
    kind = Organisation.Kind.STREET_OFFICE
    body = OrganisationFactory(kind=kind, level=Level.STREET, area=street)
    OrganisationFactory(kind=kind, level=Level.STREET, area=street, parent=body)
    OrganisationFactory(level=Level.STREET, area=street)
    assert list(Organisation.objects.answering_for([street.pk])) == [body]
