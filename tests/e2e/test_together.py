"""Several at once, at both widths: fifty cases in one go, and two at the same case."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import hands
from tests.e2e.hands import Seat, Sit, option
from tests.e2e.scenario import Scenario

pytestmark = pytest.mark.e2e
LIAISON, HANDLER = "chengguanju-lianluoyuan", "chengguanju-chuzhiyuan"


def acted(scene: Scenario, cases: list[int], verb: str, username: str) -> list[int]:
    """How many events of that kind each case has by that account."""
    return list(
        scene.ask(
            "(lambda who: [Event.objects.filter(chain=f'case:{pk}', "
            f"action='cases.{verb}', actor__user_id=who).count() for pk in {cases}])"
            f"(User.objects.get(username='{username}').pk)"
        )
    )


def test_two_at_one_case_see_each_other_and_what_changed(
    scene: Scenario, sit: Sit
) -> None:
    """FEATURES 49 and 50: nothing typed is lost, and nothing is overwritten unseen."""
    case = scene.brought("whistled")
    first, second = sit(LIAISON), sit(HANDLER)
    page = first.picks_up(case, "/inbox/?box=pending")
    form = first.takes("分派承办人")
    form.get_by_label("交代").fill("请今天到场")
    second.picks_up(case, "/inbox/?box=pending")
    presence = second.page.locator("#presence")
    expect(presence).to_contain_text("区城管局联络员 也在看本案")
    expect(presence).to_contain_text("区城管局联络员 正在填写“分派承办人”")
    expect(page.locator("#presence")).to_contain_text("区城管局处置员 也在看本案")
    second.takes("认领")
    second.sends("已吹哨·待报到")
    assert scene.hands(case) == ["WHISTLED", HANDLER]
    expect(page.locator("#presence")).to_contain_text("本案有新进展")

    form.get_by_label("承办人").select_option(label=option(form, "联络员"))
    form.locator(".form-actions button[type=submit]").click()
    shown = page.locator(".difference")
    expect(shown).to_contain_text("城东区城市管理局 · 区城管局处置员")
    expect(shown).to_contain_text("认领")
    expect(page.get_by_label("交代")).to_have_value("请今天到场")
    first.fits()
    assert scene.hands(case) == ["WHISTLED", HANDLER]
    assert acted(scene, [case], "assign_handler", LIAISON) == [0]
    first.sends("已吹哨·待报到")
    assert scene.hands(case) == ["WHISTLED", LIAISON]
    assert acted(scene, [case], "assign_handler", LIAISON) == [1]


def fifty(scene: Scenario, words: str) -> list[int]:
    """Fifty whistles to one department, told from all others by their words."""
    made = [scene.bring("whistled", words=words) for _number in range(50)]
    scene.settle()
    return made


def selected(seat: Seat, words: str) -> Any:
    """All of the fifty ticked in the inbox; answers what it says of them."""
    page = seat.opens(f"/inbox/?box=all&q={words}")
    page.locator("[data-bulk-all]").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 50 件")
    seat.fits()
    return page.locator("[data-bulk-said]")


def test_fifty_at_once_of_which_three_are_refused(
    scene: Scenario, sit: Sit, people: Any, size: tuple[int, int]
) -> None:
    """A colleague is faster with three while all fifty stand ticked (FEATURES 51)."""
    words = f"和平路{size[0]}号院内搭建砖房"
    cases = fifty(scene, words)
    seat, taken = sit(HANDLER), cases[3:6]
    said = selected(seat, words)
    for case in taken:
        people(LIAISON).do(case, "claim")
    page = seat.page
    page.locator("[data-bulk-do=claim]").click()
    expect(said).to_have_text(
        "47 件已办，3 件没有办成，仍为您选中：", timeout=6 * hands.PATIENCE
    )
    told = page.locator("[data-bulk-refused] li")
    numbers = [str(scene.case(case, "case_no")[0]) for case in taken]
    expect(told).to_have_count(3)
    for line, number in zip(sorted(told.all_inner_texts()), numbers, strict=True):
        assert line.replace("-", "").startswith(number)
        assert "本案已由区城管局联络员承办，请先由其释放" in line
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 3 件")
    seat.fits()
    assert acted(scene, cases, "claim", HANDLER) == [
        0 if case in taken else 1 for case in cases
    ]
    assert acted(scene, taken, "claim", LIAISON) == [1, 1, 1]
    held = "Case.objects.filter(pk__in={}, holder_user__username='{}').count()"
    assert scene.ask(held.format(cases, HANDLER)) == 47
    assert scene.ask(held.format(cases, LIAISON)) == 3
