"""All settings, in one place; deployments differ only by their environment.

docs/operations.md lists the variables. In production (`WANGGE_ENV=production`, the
default) a missing secret stops the start; the demo instance of `bin/serve` and the
tests set `WANGGE_ENV=demo` and `WANGGE_ENV=test`.
"""

from pathlib import Path

from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from governance import env

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.text("WANGGE_ENV", "production")
if ENVIRONMENT not in {"production", "demo", "test"}:
    raise ImproperlyConfigured("WANGGE_ENV 只能是 production、demo 或 test。")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"
DEBUG = False

# --- secrets and addresses: no default in production -------------------------------
SECRET_KEY = env.text("WANGGE_SECRET_KEY", None if PRODUCTION else "not-a-secret" * 5)
FIELD_KEY = env.text("WANGGE_FIELD_KEY", None if PRODUCTION else "not-a-field-key" * 3)
if PRODUCTION and (len(SECRET_KEY) < 50 or len(FIELD_KEY) < 32):
    raise ImproperlyConfigured(
        "WANGGE_SECRET_KEY 至少 50 个字符，WANGGE_FIELD_KEY 至少 32 个字符。"
    )
ALLOWED_HOSTS = env.words("WANGGE_HOSTS", "" if PRODUCTION else "*")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("缺少环境变量 WANGGE_HOSTS（以逗号分隔的域名）。")
CSRF_TRUSTED_ORIGINS = env.words("WANGGE_ORIGINS")
# Proxies that may say on whose behalf they come (addresses, X-Forwarded-For).
TRUSTED_PROXIES = env.words("WANGGE_TRUSTED_PROXIES")
CLOCK_FILE = env.text("WANGGE_CLOCK_FILE", "")
if PRODUCTION and CLOCK_FILE:
    raise ImproperlyConfigured("正式环境不能设置 WANGGE_CLOCK_FILE。")
ANCHOR_FILE = env.text("WANGGE_ANCHOR_FILE", "")

STATE_DIR = Path(
    env.text("WANGGE_STATE", None if PRODUCTION else str(BASE_DIR / ".state"))
)

# --- the house ---------------------------------------------------------------------
INSTALLED_APPS = [
    "parties.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "axes",
    "csp",
    "governance",
    "grids",
    "parties",
    "cases",
    "duties",
    "civics",
    "oversight",
    "exchange",
    "doors",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "governance.middleware.TextGzipMiddleware",
    "csp.middleware.CSPMiddleware",
    "governance.middleware.ClientAddressMiddleware",
    "governance.middleware.PlainAddressMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.middleware.RefusedMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Debian's GDAL cannot be kept from the network while it reads a coordinate system;
# here nobody names one freely, it is chosen from a list (`governance.geo`).
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "governance.http.product",
                "parties.http.acting",
                "duties.http.duties",
                "doors.http.sign_in_ways",
            ],
        },
    },
    {  # pieces that are repeated, `*.jinja` (governance.pieces)
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "governance.pieces.environment"},
    },
]

# --- database: PostgreSQL with PostGIS, the only truth -----------------------------
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": env.text("WANGGE_DB_NAME", "wangge"),
        "USER": env.text("WANGGE_DB_USER", "wangge"),
        "PASSWORD": env.text("WANGGE_DB_PASSWORD", None if PRODUCTION else ""),
        "HOST": env.text(
            "WANGGE_DB_HOST", None if PRODUCTION else str(STATE_DIR / "run")
        ),
        "PORT": env.text("WANGGE_DB_PORT", "5432"),
        "CONN_MAX_AGE": env.number("WANGGE_DB_CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        # Compiling a geometry statement costs seconds and saves milliseconds.
        "OPTIONS": {"options": "-c jit=off"},
        "TEST": {"NAME": env.text("WANGGE_TEST_DB_NAME", "test_wangge")},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- broker: a doorbell that may be lost -------------------------------------------
REDIS_URL = env.text(
    "WANGGE_REDIS_URL",
    None if PRODUCTION else f"redis+socket://{STATE_DIR}/run/redis.sock",
)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Kilobytes. What a large table took stays with the process that read it; one that has
# taken so much makes room for a new one after its task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 240_000
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "governance.pulse:BeatingScheduler"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
}

# --- people ------------------------------------------------------------------------
AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "parties.views.locked_out"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.flag("WANGGE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:", *env.words("WANGGE_BASEMAP_ORIGINS")],
        "connect-src": [SELF, *env.words("WANGGE_BASEMAP_ORIGINS")],
        "worker-src": [SELF, "blob:"],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# --- what leaves the house: docs/channels.md -----------------------------------------
SITE_URL = env.text("WANGGE_SITE_URL", "").rstrip("/")
CHANNEL_KINDS = env.words("WANGGE_CHANNEL_KINDS")
CHANNEL_NETWORKS = env.networks("WANGGE_CHANNEL_NETWORKS")
VAPID_KEY = env.text("WANGGE_VAPID_KEY", "")
VAPID_CONTACT = env.text("WANGGE_VAPID_CONTACT", "mailto:postmaster@localhost")
EMAIL_HOST = env.text("WANGGE_MAIL_HOST", "")
EMAIL_PORT = env.number("WANGGE_MAIL_PORT", 25)
EMAIL_HOST_USER = env.text("WANGGE_MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("WANGGE_MAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("WANGGE_MAIL_STARTTLS")
EMAIL_USE_SSL = env.flag("WANGGE_MAIL_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("WANGGE_MAIL_FROM", "wangge@localhost")
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
MAIL_CONFIGURED = bool(EMAIL_HOST) or ENVIRONMENT == "test"

# --- words and time ----------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(env.text("WANGGE_LOCALE", str(BASE_DIR / "locale")))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
PRODUCT_NAME = _("网格 Wangge")
CITY_NAME = env.text("WANGGE_CITY_NAME", "")

# --- files -------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("WANGGE_STATIC_ROOT", str(STATE_DIR / "static")))
# What bin/lib/bundle made of several files stands before its sources, which work too.
BUNDLES = env.text("WANGGE_BUNDLES_DIR", "")
STATICFILES_DIRS = [
    *([Path(BUNDLES)] if BUNDLES else []),
    BASE_DIR / "static",
    ("vendor", Path(env.text("WANGGE_VENDOR_DIR", str(STATE_DIR / "vendor")))),
]
MEDIA_ROOT = Path(env.text("WANGGE_MEDIA_ROOT", str(STATE_DIR / "media")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "governance.storage.HashedModulesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
PHOTO_MAX_BYTES = 20 * 1024 * 1024

# --- maps --------------------------------------------------------------------------
BASEMAP_URL = env.text("WANGGE_BASEMAP_URL", "")
BASEMAP_ATTRIBUTION = env.text("WANGGE_BASEMAP_ATTRIBUTION", "")

# --- API ---------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "doors.http.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "doors.http.Negotiation",
    "DEFAULT_PERMISSION_CLASSES": ["doors.http.MayUse"],
    "DEFAULT_THROTTLE_CLASSES": ["doors.http.ClientThrottle"],
    "DEFAULT_PARSER_CLASSES": [
        "governance.parsers.StorableJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["governance.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "governance.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wangge 网格",
    "DESCRIPTION": "网格化城市治理平台的接口；说明见 docs/api.md。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["doors.http.MayUse"],
    "SERVE_AUTHENTICATION": None,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "PREPROCESSING_HOOKS": ["doors.api.openapi.only_v1"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "doors.api.openapi.with_examples",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {
        "unready": {  # only /healthz answers 503, and it has logged why
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 0) != 503,
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["unready"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}},
}
