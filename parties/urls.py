"""Routes of signing in, acting, delegating, messages and channels."""

from django.conf import settings
from django.urls import URLPattern, path

from parties import views
from parties.views import security

urlpatterns: list[URLPattern] = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("", views.home, name="home"),
    path("password/", views.password_change, name="password_change"),
    path("posting/", views.switch_posting, name="switch_posting"),
    path("delegations/", views.delegations, name="delegations"),
    path(
        "delegations/<int:posting_id>/end/", views.end_delegation, name="end_delegation"
    ),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.notifications_bell, name="notifications_bell"),
    path(
        "notifications/latest/", views.notifications_latest, name="notifications_latest"
    ),
    path(
        "notifications/settings/",
        views.notification_settings,
        name="notification_settings",
    ),
    path("notifications/devices/", views.device_add, name="device_add"),
    path(
        "notifications/devices/<int:address_id>/forget/",
        views.device_forget,
        name="device_forget",
    ),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path(
        "notifications/<int:notification_id>/",
        views.notification_open,
        name="notification_open",
    ),
    path("channels/", views.channels, name="channels"),
    path("channels/new/<slug:kind>/", views.channel_new, name="channel_new"),
    path("channels/<int:channel_id>/", views.channel, name="channel"),
    path(
        "channels/<int:channel_id>/change/", views.channel_change, name="channel_change"
    ),
    path("channels/<int:channel_id>/test/", views.channel_test, name="channel_test"),
    path("channels/deliveries/<int:delivery_id>/", views.delivery, name="delivery"),
    path(
        "channels/deliveries/<int:delivery_id>/retry/",
        views.delivery_retry,
        name="delivery_retry",
    ),
    path(
        "channels/deliveries/<int:delivery_id>/drop/",
        views.delivery_drop,
        name="delivery_drop",
    ),
]
urlpatterns += [  # 安全管理员: accounts, posts, who is locked out
    path("security/", security.accounts, name="security"),
    path("security/accounts/new/", security.account_new, name="account_new"),
    path("security/accounts/<int:user_id>/", security.account, name="account"),
    path(
        "security/accounts/<int:user_id>/appoint/",
        security.account_appoint,
        name="account_appoint",
    ),
    path(
        "security/accounts/<int:user_id>/<slug:action>/",
        security.account_step,
        name="account_step",
    ),
    path(
        "security/postings/<int:posting_id>/end/",
        security.posting_end,
        name="posting_end",
    ),
    path("security/posts/", security.posts, name="security_posts"),
    path("security/posts/new/", security.post_new, name="post_new"),
    path("security/lockouts/", security.lockouts, name="security_lockouts"),
    path("security/check/", security.check, name="security_check"),
]
if settings.ENVIRONMENT in {"demo", "test"}:
    urlpatterns.append(path("demo-login/", views.demo_login, name="demo_login"))
