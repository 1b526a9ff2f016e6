"""Organisations, accounts, posts, postings and notifications."""

from collections.abc import Iterator

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.codes import Level
from parties.querysets import (
    ContactDepartmentQuerySet,
    NotificationQuerySet,
    OrganisationQuerySet,
    PostingQuerySet,
    PostQuerySet,
    UserManager,
)
from parties.roles import Role


class Organisation(models.Model):
    """A body that holds posts; `jurisdictions` are the areas it answers for.

    `code` is the 统一社会信用代码 (18 characters) when the body has one.
    """

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("政府")
        DEPARTMENT = "department", _("职能部门")
        STATION = "station", _("派驻站所")
        STREET_OFFICE = "street_office", _("街道办事处")
        COMMUNITY = "community", _("社区")
        COMMAND_CENTRE = "command_centre", _("指挥中心")
        ENTERPRISE = "enterprise", _("企业")
        PROPERTY = "property", _("物业")
        OWNERS = "owners", _("业委会")
        SOCIAL = "social", _("社会组织")
        INSTITUTION = "institution", _("学校医院等单位")

    code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    name = models.CharField(_("名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind)
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级单位"),
    )
    area = models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("所在区划"),
    )
    jurisdictions = models.ManyToManyField(
        "grids.Area",
        blank=True,
        related_name="competent_organisations",
        verbose_name=_("管辖范围"),
    )
    can_be_whistled = models.BooleanField(_("可被吹哨"), default=False)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    duty_phone = models.CharField(_("值班电话"), max_length=30, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="organisation_code_once"
            ),
            models.UniqueConstraint(
                fields=["name", "parent"],
                nulls_distinct=False,
                name="organisation_name_once",
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="organisation_level_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContactDepartment(models.Model):
    """包联部门: a unit that looks after a community or a street (DOMAIN A.2, S3-10).

    From `starts_date` (included) to `ends_date` (excluded); open when that is empty.
    """

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="contacts",
        verbose_name=_("包联部门"),
    )
    area = models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        related_name="contact_departments",
        verbose_name=_("包联社区或街道"),
    )
    starts_date = models.DateField(_("开始日期"))
    ends_date = models.DateField(_("结束日期（不含）"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = ContactDepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("包联部门")
        verbose_name_plural = _("包联部门")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "area", "starts_date"],
                name="contact_department_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_date=None) | Q(ends_date__gt=F("starts_date")),
                name="contact_department_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name}→{self.area.name}"


class User(AbstractBaseUser, PermissionsMixin):
    """An account; what its owner may do comes from postings, not from the account."""

    username = models.CharField(
        _("账号"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]*$",
                _("账号只能用小写字母、数字、点、下划线和短横线。"),
            )
        ],
        error_messages={"unique": _("这个账号已经有人使用。")},
    )
    name = models.CharField(_("姓名"), max_length=40)
    is_active = models.BooleanField(_("启用"), default=True)
    is_staff = models.BooleanField(_("可进入系统管理"), default=False)
    must_change_password = models.BooleanField(_("登录后须改密码"), default=False)
    session_round = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        return self._of_this_round(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for one in super().get_session_auth_fallback_hash():
            yield self._of_this_round(one)

    def _of_this_round(self, known: str) -> str:
        """Counting `session_round` up ends every session of the account."""
        return f"{known}:{self.session_round}" if self.session_round else known


class Post(models.Model):
    """A role at an organisation, over an area when the role is bound to one."""

    role = models.CharField(_("角色"), max_length=24, choices=Role)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="posts", verbose_name=_("单位")
    )
    area = models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("管理范围"),
    )
    name = models.CharField(_("岗位名称"), max_length=60)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "organisation", "area", "name"],
                nulls_distinct=False,
                name="post_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="post_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name}·{self.name}"


class Posting(models.Model):
    """A person in a post for a period, from its start (included) to its end (excluded).

    A delegation names the posting it was taken from and always has an end.
    """

    class Source(models.TextChoices):
        APPOINTMENT = "appointment", _("任命")
        DELEGATION = "delegation", _("授权代办")
        LEAVE = "leave", _("请假代班")

    user = models.ForeignKey(
        User, models.PROTECT, related_name="postings", verbose_name=_("人员")
    )
    post = models.ForeignKey(
        Post, models.PROTECT, related_name="postings", verbose_name=_("岗位")
    )
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间（不含）"), null=True, blank=True)
    is_primary = models.BooleanField(_("主岗"), default=False)
    source = models.CharField(
        _("来源"), max_length=12, choices=Source, default=Source.APPOINTMENT
    )
    delegated_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("授权自"),
    )
    reason = models.CharField(_("事由"), max_length=200, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
                name="posting_period",
            ),
            models.CheckConstraint(
                condition=Q(source="appointment", delegated_from=None)
                | (
                    ~Q(source="appointment")
                    & Q(delegated_from__isnull=False, ends_at__isnull=False)
                ),
                name="posting_delegation_from_and_end",
            ),
            models.UniqueConstraint(
                fields=["user", "post"],
                condition=Q(ends_at=None),
                name="posting_open_once",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ends_at=None, is_primary=True),
                name="posting_primary_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} {self.post}"


class Notification(models.Model):
    """A message for one person; `key` makes writing it twice the same as once.

    `subject` names what it is about (`case:17`), `url` the page to open, within this
    site.
    """

    class Kind(models.TextChoices):
        TODO = "todo", _("待办")
        ALERT = "alert", _("预警")
        NOTICE = "notice", _("知会")
        SYSTEM = "system", _("系统")

    user = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="notifications",
        db_index=False,
        verbose_name=_("收件人"),
    )
    kind = models.CharField(_("类型"), max_length=24, choices=Kind)
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("链接"), max_length=200, blank=True)
    subject = models.CharField(_("关联"), max_length=64, blank=True)
    key = models.CharField(max_length=160, unique=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(
                fields=["user"],
                condition=Q(read_at=None),
                include=["urgent"],
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.title
