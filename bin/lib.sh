# shellcheck shell=bash
# What bin/serve, bin/test and bin/bench share: places, messages, one instance a state.
#
# Everything is written below the state directory and the virtualenv; the only other
# thing is what apt installs. Variables a person may set:
#   WANGGE_STATE      state directory (root: /var/lib/wangge/<clone>;
#                     others: ${XDG_STATE_HOME:-~/.local/state}/wangge/<clone>)
#   WANGGE_VENV       virtualenv (default: .venv in the clone)
#   HOST, PORT        where bin/serve listens (127.0.0.1, 8000)
#
# Browser assets, at these URLs (copied from npm packages by bin/lib/copy_assets):
#   /static/vendor/icons/icons.css                  <i class="ti ti-map-pin"></i>: Tabler's
#                                                   icons, those that the sources name
#   /static/vendor/maplibre/maplibre-gl.css         /static/vendor/maplibre/maplibre-gl.js
#                                                   (a plain script: window.maplibregl)
#   /static/vendor/echarts/echarts.min.js           (window.echarts)
#   /static/vendor/echarts/echarts.esm.min.mjs      (the same as an ES module)
#   /static/vendor/idb/index.js                     (ES module)
#   /static/vendor/client-zip/index.js              (ES module)

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
FREE_KB_NEEDED=1048576
umask 022

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

fail() {
  printf '\033[31m错误：%s\033[0m\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '      %s\n' "$line" >&2; done
  exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

default_state() {
  local clone
  clone=$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)
  if is_root; then
    printf '/var/lib/wangge/%s' "$clone"
  else
    printf '%s/wangge/%s' "${XDG_STATE_HOME:-$HOME/.local/state}" "$clone"
  fi
}

# use_state <part>: settle all places; `part`, when given, is a state of its own below the state
# (test, bench), so that it can run beside a serving instance.
use_state() {
  local part=$1
  BASE=${WANGGE_STATE:-$(default_state)}
  case $BASE in
    /*) ;;
    *) BASE=$PWD/$BASE ;;
  esac
  STATE=$BASE${part:+/$part}
  CACHE=$BASE/cache
  RUN=$STATE/run
  VENV=${WANGGE_VENV:-$ROOT/.venv}
  check_places
  mkdir -p "$STATE" "$CACHE" || fail "无法写入状态目录 $BASE。" \
    "请用 WANGGE_STATE=目录 指定一个可写的目录。"
  export PATH="$VENV/bin:$PATH"
  export PIP_CACHE_DIR=$CACHE/pip npm_config_cache=$CACHE/npm
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
  export PYTHONPYCACHEPREFIX=$CACHE/python RUFF_CACHE_DIR=$CACHE/ruff
  export MYPY_CACHE_DIR=$CACHE/mypy HYPOTHESIS_STORAGE_DIRECTORY=$CACHE/hypothesis
  export PLAYWRIGHT_BROWSERS_PATH=$CACHE/browsers COVERAGE_FILE=$STATE/coverage
}

check_places() {
  local longest=$RUN/.s.PGSQL.5432 place free
  [ "${#longest}" -le 107 ] || fail "状态目录的路径太长：$BASE" \
    "PostgreSQL 的套接字路径最多 107 个字节，请用 WANGGE_STATE 指定较短的目录。"
  case $BASE in
    *[!A-Za-z0-9/._+@=-]*) fail "状态目录的路径只能由字母、数字和 / . _ + @ = - 组成：$BASE" ;;
  esac
  for place in "$BASE" "$VENV"; do
    while [ ! -e "$place" ]; do place=$(dirname "$place"); done
    free=$(df -Pk "$place" | awk 'NR == 2 {print $4}')
    [ "$free" -ge "$FREE_KB_NEEDED" ] || fail \
      "磁盘空间不足：$place 所在的分区只剩 $((free / 1024)) MB，至少需要 1024 MB。"
  done
}

# The kernel gives the lock back however this process ends.
only_instance() {
  exec 9>"$STATE/instance.lock"
  flock -n 9 || fail "已有另一个实例在使用状态目录 $STATE。" \
    "请先停止它，或用 WANGGE_STATE 指定另一个目录（同时换一个 PORT）。"
}

# The virtualenv and the browser assets belong to the clone: one preparation at a time.
preparing() {
  exec 8>"$BASE/prepare.lock"
  flock -n 8 || { say "另一个实例正在安装，等待它完成" && flock 8; }
}

prepared() { exec 8>&-; }

# unchanged <stamp file> <hash>: whether the step was last done for this very hash.
unchanged() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

# The environment of every process of an instance; nothing of it is a guess.
use_environment() {
  export WANGGE_ENV=$1 WANGGE_STATE=$STATE WANGGE_VENDOR_DIR=$BASE/vendor
  export WANGGE_BUNDLES_DIR=$STATE/bundles
  export WANGGE_LOCALE=$STATE/locale WANGGE_STATIC_ROOT=$STATE/static
  export WANGGE_MEDIA_ROOT=$STATE/media
  export WANGGE_DB_HOST=$RUN WANGGE_DB_PORT=5432 WANGGE_DB_USER=wangge
  export WANGGE_DB_NAME=wangge WANGGE_DB_PASSWORD=""
  export WANGGE_REDIS_URL=redis+socket://$RUN/redis.sock
  export DJANGO_SETTINGS_MODULE=governance.settings
  unset WANGGE_DB_PASSWORD_FILE WANGGE_DB_HOST_FILE WANGGE_REDIS_URL_FILE
  make_secrets
}

make_secrets() {
  local file=$STATE/secrets.env
  if [ ! -s "$file" ]; then
    (
      umask 077
      python3 - >"$file" <<'PYTHON'
import secrets

print("WANGGE_SECRET_KEY=" + secrets.token_urlsafe(60))
print("WANGGE_FIELD_KEY=" + secrets.token_urlsafe(48))
print("WANGGE_VAPID_KEY=" + secrets.token_urlsafe(32))
PYTHON
    )
  fi
  set -a
  # shellcheck source=/dev/null
  . "$file"
  set +a
}

# prepare_tests <part> durable|fast: everything there, our own database and Redis up;
# both end with this process.
prepare_tests() {
  use_state "$1"
  only_instance
  need_system test
  need_directories
  preparing
  need_python requirements-dev.txt
  need_chromium
  need_assets
  prepared
  use_environment test
  compile_locale
  make_bundles
  mkdir -p "$STATE/static"
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap 'stop_redis; stop_postgres' EXIT
  start_postgres "$2"
  start_redis
}

# Compiled translations go beside a copy: nothing is written into the clone.
compile_locale() {
  rm -rf "$STATE/locale"
  mkdir -p "$STATE/locale"
  cp -R "$ROOT/locale/." "$STATE/locale/"
  find "$STATE/locale" -name '*.po' | while read -r po; do
    msgfmt --check-format -o "${po%.po}.mo" "$po"
  done
}

make_bundles() {
  "$ROOT/bin/lib/bundle" "$BASE/esbuild" "$ROOT/static" "$BASE/vendor" "$STATE/bundles"
}

# shellcheck source=bin/lib/system.sh
. "$ROOT/bin/lib/system.sh"
# shellcheck source=bin/lib/tools.sh
. "$ROOT/bin/lib/tools.sh"
# shellcheck source=bin/lib/services.sh
. "$ROOT/bin/lib/services.sh"
