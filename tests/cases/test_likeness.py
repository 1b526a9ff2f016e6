from datetime import timedelta

import pytest

from cases.likeness import LIKE, Comparison, Limits, duplicate_score, likeness, marks


def alike(one, other):
    return likeness(marks(one), marks(other))


def test_the_same_words_are_wholly_alike_and_others_not_at_all():
    text = "和平路小区三号楼下垃圾箱满了，臭气很大"
    assert alike(text, text) == 1.0
    assert alike(text, "夜里打桩声吵得睡不着") == 0.0


def test_nothing_is_like_nothing():
    assert alike("", "") == 0.0
    assert alike("！！", "和平路垃圾") == 0.0


def test_courtesies_and_demands_do_not_count():
    plain = "和平路垃圾箱满溢"
    polite = "尊敬的领导您好！投诉：和平路垃圾箱满溢，希望有关部门尽快处理，谢谢"
    assert alike(plain, polite) == 1.0
    one = "尊敬的领导您好，希望相关部门尽快解决夜市油烟"
    other = "尊敬的领导您好，希望相关部门尽快解决路灯不亮"
    assert alike(one, other) == 0.0


def test_the_form_of_letters_and_digits_does_not_count():
    assert alike("和平路１２号ＫＴＶ太吵", "和平路12号ktv太吵") == 1.0


def test_numbers_are_whole_words():
    assert "12" in marks("和平路12号")
    assert "12" not in marks("和平路1202号")


def test_the_same_place_counts_more_than_the_same_complaint():
    told = "幸福花园小区油烟扰民"
    assert alike(told, "幸福花园小区垃圾成堆") > alike(told, "光明新村楼下油烟扰民")


def test_the_same_matter_in_other_words_passes_and_the_same_kind_elsewhere_not():
    told = "幸福花园小区北门烧烤摊每晚油烟很大，没法开窗"
    again = "北门那个烧烤摊又来了，幸福花园小区整晚都是烟"
    elsewhere = "光明街菜场后面的饭馆油烟直排，楼上住户受不了"
    assert alike(told, again) >= LIKE > alike(told, elsewhere)


def test_likeness_does_not_depend_on_the_order():
    one, other = "和平路垃圾箱满溢一地", "垃圾箱满溢在和平路路口"
    assert alike(one, other) == alike(other, one)


def test_only_the_start_of_a_long_message_is_read():
    start = "幸福花园小区北门烧烤摊每晚油烟很大" * 8
    assert alike(start, f"{start}别的事情别的地方别的人") == 1.0


def score(words=0.0, metres=10.0, days=0.0, same=True, limits=Limits()):  # noqa: B008
    return duplicate_score(
        Comparison(words, metres, timedelta(days=days), same), limits
    )


def test_near_and_recent_is_enough_without_like_words():
    assert score(words=0.0, metres=50) > 0
    assert score(words=0.0, metres=51) == 0


def test_further_off_or_without_a_point_the_words_must_be_alike():
    assert score(words=LIKE, metres=200) > 0
    assert score(words=LIKE - 0.01, metres=200) == 0
    assert score(words=LIKE, metres=None) > 0
    assert score(words=LIKE - 0.01, metres=None) == 0


def test_too_far_or_too_long_ago_is_none_whatever_the_words():
    assert score(words=1.0, metres=201) == 0
    assert score(words=1.0, days=7) > 0
    assert score(words=1.0, days=7.01) == 0


def test_nearer_liker_newer_and_the_same_category_rank_higher():
    middle = score(words=0.4, metres=30, days=3)
    assert score(words=0.4, metres=10, days=3) > middle
    assert score(words=0.6, metres=30, days=3) > middle
    assert score(words=0.4, metres=30, days=1) > middle
    assert score(words=0.4, metres=30, days=3, same=False) < middle
    assert score(words=1.0, metres=0) == pytest.approx(1.0)


def test_the_limits_are_the_tenants():
    wide = Limits(near_m=100, far_m=500, days=30, likeness=0.5)
    assert score(metres=90, days=20, limits=wide) > 0
    assert score(words=0.4, metres=300, limits=wide) == 0
    assert score(words=0.5, metres=300, limits=wide) > 0
