"""Areas are identities with a code; their shapes are versions with a period."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.codes import CODE_PATTERN, Kind, Level
from grids.querysets import AreaQuerySet, BoundaryQuerySet, TileVersionQuerySet

__all__ = [
    "Area",
    "AreaBoundary",
    "BoundaryPiece",
    "GridProposal",
    "Kind",
    "Level",
    "ProposalPart",
    "TileVersion",
]

SRID = 4490


def _code_fits_level() -> Q:
    rule = Q()
    for level, pattern in CODE_PATTERN.items():
        rule |= Q(level=level, code__regex=pattern)
    return rule


class Area(models.Model):
    """A place in the tree 市 → 区县 → 街道 → 社区 → 网格 → 微网格.

    Its code begins with its parent's code and is never used again; a retired area keeps
    its row with an end date. An area without a boundary is a legal state: it is chosen,
    not located.
    """

    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    code = models.CharField(_("编码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=50, blank=True)
    kind = models.CharField(_("类别"), max_length=8, choices=Kind, blank=True)
    special_type = models.CharField(_("专属类型"), max_length=20, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    valid_from = models.DateField(_("初始日期"))
    valid_to = models.DateField(_("终止日期（不含）"), null=True, blank=True)
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    centre = models.PointField(
        _("中心点"), srid=SRID, null=True, blank=True, spatial_index=False
    )
    attributes = models.JSONField(_("其他属性"), default=dict, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("区划与网格")
        verbose_name_plural = _("区划与网格")
        constraints = [
            models.CheckConstraint(
                condition=_code_fits_level(), name="area_code_fits_level"
            ),
            models.CheckConstraint(
                condition=Q(level=Level.CITY, parent=None)
                | Q(level__gt=Level.CITY, parent__isnull=False),
                name="area_only_a_city_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="area_period_runs_forward",
            ),
        ]
        indexes = [models.Index(fields=["level", "code"], name="area_level_code")]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"


class AreaBoundary(models.Model):
    """The shape of an area in a period; drawing it anew adds a version."""

    area = models.ForeignKey(
        Area,
        verbose_name=_("区域"),
        on_delete=models.PROTECT,
        related_name="boundaries",
    )
    version = models.PositiveIntegerField(_("版本"))
    geometry = models.MultiPolygonField(_("边界"), srid=SRID, spatial_index=False)
    valid_from = models.DateTimeField(_("启用时间"))
    valid_to = models.DateTimeField(_("停用时间（不含）"), null=True, blank=True)
    area_m2 = models.FloatField(_("面积（平方米）"))
    source = models.CharField(_("来源"), max_length=200)
    note = models.CharField(_("说明"), max_length=500, blank=True)

    objects = BoundaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("边界版本")
        verbose_name_plural = _("边界版本")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "version"], name="boundary_version_once"
            ),
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(valid_to=None),
                name="boundary_one_current",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="boundary_period_runs_forward",
            ),
        ]
        indexes = [
            GistIndex(
                fields=["geometry"],
                condition=Q(valid_to=None),
                name="boundary_current_geometry",
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} v{self.version}"


class BoundaryPiece(models.Model):
    """A small part of a current boundary, cut by ST_Subdivide for locating.

    `level` and `code` repeat the area's own, so that locating reads this table alone.
    """

    boundary = models.ForeignKey(
        AreaBoundary, on_delete=models.CASCADE, related_name="pieces"
    )
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="pieces")
    level = models.PositiveSmallIntegerField(choices=Level)
    code = models.CharField(max_length=18)
    geometry = models.PolygonField(srid=SRID)

    class Meta:
        verbose_name = _("边界分片")
        verbose_name_plural = _("边界分片")

    def __str__(self) -> str:
        return f"{self.code} #{self.pk}"


class TileVersion(models.Model):
    """Counts what changed the look of a level's tiles; their ETag."""

    level = models.PositiveSmallIntegerField(choices=Level, primary_key=True)
    version = models.PositiveIntegerField(default=0)

    objects = TileVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("瓦片版本")
        verbose_name_plural = _("瓦片版本")

    def __str__(self) -> str:
        return f"{self.level} v{self.version}"


class GridProposal(models.Model):
    """A draft of the grids of a community, or the communities of a street 划格建议.

    `settings` holds low, high and parts as they were asked, the households counted
    and those beyond the border; `homes` the household points as (lng, lat, households).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草案")
        PUBLISHED = "published", _("已发布")
        DISCARDED = "discarded", _("已放弃")

    area = models.ForeignKey(
        Area,
        verbose_name=_("所划分的区域"),
        on_delete=models.PROTECT,
        related_name="proposals",
    )
    status = models.CharField(
        _("状态"), max_length=9, choices=Status, default=Status.DRAFT
    )
    settings = models.JSONField(_("要求"))
    homes = models.JSONField(_("住户点"), default=list, blank=True)
    created_at = models.DateTimeField(_("生成时间"))
    settled_at = models.DateTimeField(_("发布或放弃时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("划格建议")
        verbose_name_plural = _("划格建议")
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(status="draft"),
                name="proposal_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "discarded"]),
                name="proposal_known_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.status}"

    @property
    def level(self) -> Level:
        """The level of the areas that are proposed."""
        return Level(self.area.level + 1)


class ProposalPart(models.Model):
    """One proposed area; `code` names an area that exists, empty makes a new one."""

    class Reason(models.TextChoices):
        """`partition.Misfit` in words, and one more: a person drew it so."""

        TOTAL = "total", _("总户数无法分进要求的范围")
        INDIVISIBLE = "indivisible", _("同一栋楼的户数超过上限，无法再分")
        SHAPE = "shape", _("受形状或住户分布所限")
        BY_HAND = "by_hand", _("人工调整后超出范围")

    proposal = models.ForeignKey(
        GridProposal, on_delete=models.CASCADE, related_name="parts"
    )
    number = models.PositiveSmallIntegerField(_("序号"))
    code = models.CharField(_("编码"), max_length=18, blank=True)
    name = models.CharField(_("名称"), max_length=100, blank=True)
    geometry = models.MultiPolygonField(_("边界"), srid=SRID, spatial_index=False)
    households = models.PositiveIntegerField(_("户数"))
    reason = models.CharField(
        _("超出范围的原因"), max_length=11, choices=Reason, blank=True
    )

    class Meta:
        verbose_name = _("建议的区域")
        verbose_name_plural = _("建议的区域")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "number"], name="part_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} #{self.number}"
