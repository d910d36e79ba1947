"""Django's settings, made from the one table in server.environment. Nothing here is set anywhere else."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.environment import TABLE as TABLE
from server.environment import BadSetting, read
from server.keyring import root_secrets

ROOT = Path(__file__).resolve().parent.parent
_values = read()

MODE: str = _values["THROUGHLINE_MODE"]
PRODUCTION = MODE == "production"
DATA = Path(_values["THROUGHLINE_DATA"]).resolve()
BLOBS = Path(_values["THROUGHLINE_BLOBS"] or DATA / "blobs").resolve()
JOURNAL = Path(_values["THROUGHLINE_JOURNAL"] or DATA / "erasures.jsonl").resolve()
DATA.mkdir(parents=True, exist_ok=True)
ROOT_SECRETS = root_secrets(_values, DATA)
HOST: str = _values["THROUGHLINE_HOST"]
PORT: int = _values["THROUGHLINE_PORT"]
SERVER: str = _values["THROUGHLINE_SERVER"]
SMTP_HOST: str = _values["THROUGHLINE_SMTP_HOST"]
SMTP_PORT: int = _values["THROUGHLINE_SMTP_PORT"]
SMTP_CERTIFICATE = Path(_values["THROUGHLINE_SMTP_CERTIFICATE"]) if _values["THROUGHLINE_SMTP_CERTIFICATE"] else None
SMTP_KEY = Path(_values["THROUGHLINE_SMTP_KEY"]) if _values["THROUGHLINE_SMTP_KEY"] else SMTP_CERTIFICATE
LMTP: tuple[str, int] | str | None = _values["THROUGHLINE_LMTP"]
MAIL_FRONTS: list[IPv4Network | IPv6Network] = _values["THROUGHLINE_MAIL_FRONTS"]
MAIL_PROXIES: list[IPv4Network | IPv6Network] = _values["THROUGHLINE_MAIL_PROXIES"]
MAIL_LINE_ENDS: str = _values["THROUGHLINE_MAIL_LINE_ENDS"]
MAIL_DOMAIN: str = _values["THROUGHLINE_MAIL_DOMAIN"].lower()
NAME_SERVERS: list[str] = _values["THROUGHLINE_DNS"]
AUTHSERV: list[str] = [name.lower() for name in _values["THROUGHLINE_AUTHSERV"]]
DMARC: str = _values["THROUGHLINE_DMARC"]
DKIM: list[str] = _values["THROUGHLINE_DKIM"]
DKIM_KEYS = Path(_values["THROUGHLINE_DKIM_KEYS"] or DATA / "dkim").resolve()
MAIL_SEPARATOR: str = _values["THROUGHLINE_MAIL_SEPARATOR"]
MAIL_REPLY_DOMAIN: str = _values["THROUGHLINE_MAIL_REPLY_DOMAIN"].lower()
MAIL_MAX: int = _values["THROUGHLINE_MAIL_MAX"]
RELAY: str = _values["THROUGHLINE_RELAY"]
RELAY_USER: str = _values["THROUGHLINE_RELAY_USER"]
RELAY_PASSWORD: str = _values["THROUGHLINE_RELAY_PASSWORD"]
RELAY_TLS: str = _values["THROUGHLINE_RELAY_TLS"]
MAIL_FILES_MAX: int = _values["THROUGHLINE_MAIL_FILES_MAX"]
MAIL_STUCK: int = _values["THROUGHLINE_MAIL_STUCK"]
UNDO: int = _values["THROUGHLINE_UNDO"]
IMAP: tuple[str, int] | None = _values["THROUGHLINE_IMAP"]
IMAP_TLS: str = _values["THROUGHLINE_IMAP_TLS"]
IMAP_USER: str = _values["THROUGHLINE_IMAP_USER"]
IMAP_PASSWORD: str = _values["THROUGHLINE_IMAP_PASSWORD"]
IMAP_OAUTH: dict[str, str] = _values["THROUGHLINE_IMAP_OAUTH"]
IMAP_FOLDERS: list[str] = _values["THROUGHLINE_IMAP_FOLDERS"]
IMAP_DONE: str = _values["THROUGHLINE_IMAP_DONE"]
IMAP_DAYS: int = _values["THROUGHLINE_IMAP_DAYS"]
MAIL_HOOKS: dict[str, tuple[str, ...]] = _values["THROUGHLINE_MAIL_HOOKS"]
REDIS: str = _values["THROUGHLINE_REDIS"]
DEMO: bool = _values["THROUGHLINE_DEMO"]
STATUS: tuple[str, int] | None = _values["THROUGHLINE_STATUS"]
LOG: str = _values["THROUGHLINE_LOG"].upper()
PUBLIC_URL: str = (_values["THROUGHLINE_PUBLIC_URL"] or f"http://localhost:{PORT}").rstrip("/")
ALLOWED_ORIGINS: list[str] = _values["THROUGHLINE_ALLOWED_ORIGINS"]
TRUSTED_PROXIES: int = _values["THROUGHLINE_TRUSTED_PROXIES"]
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in ("http", "https") or not _public.hostname:
    raise BadSetting(f"THROUGHLINE_PUBLIC_URL={PUBLIC_URL!r} is no web address; write it as https://support.example.com.")

SECRET_KEY = ROOT_SECRETS[max(ROOT_SECRETS)]
SECRET_KEY_FALLBACKS = [secret for number, secret in sorted(ROOT_SECRETS.items()) if number != max(ROOT_SECRETS)]
DEBUG = False
ALLOWED_HOSTS = [_public.hostname, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "server.urls"
ASGI_APPLICATION = "server.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "chat.Agent"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "chat.apps.ChatConfig",
]
MIDDLEWARE = [
    "server.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "chat.web.setup.adapter.ClosedSignUp"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/inbox/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(str(path) for room in ("chat", "mailgateway") for path in (ROOT / room).rglob("templates")),
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "server.static.HashedFiles" if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

if _values["THROUGHLINE_DATABASE"]:
    _url = urlsplit(_values["THROUGHLINE_DATABASE"])
    if _url.scheme not in ("postgres", "postgresql"):
        raise BadSetting("THROUGHLINE_DATABASE must be a postgres:// address, or empty for SQLite.")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path.lstrip("/"),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": unquote(_url.hostname or ""),
            "PORT": str(_url.port or ""),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 16, "timeout": 10}},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "chat.ledger.sqlite",
            "NAME": str(DATA / "throughline.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON;",
            },
        }
    }

LOGGING_CONFIG = None
