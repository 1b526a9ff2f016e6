import pytest

from tests.grids import cities


@pytest.fixture
def town(db):
    return cities.town()
