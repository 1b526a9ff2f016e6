# shellcheck shell=bash
# shellcheck disable=SC2034 # PYTHON and PG_BIN are for the other files
# System packages: what is missing is installed by apt, and only that.

POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/wangge.conf

# The directory of PostgreSQL's programs, of the newest version that has PostGIS.
postgres_bin() {
  local control version
  for control in $(compgen -G '/usr/share/postgresql/*/extension/postgis.control' | sort -rV); do
    version=${control#/usr/share/postgresql/}
    version=${version%%/*}
    if [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then
      printf '/usr/lib/postgresql/%s/bin' "$version"
      return 0
    fi
  done
  return 1
}

# A Python of 3.11 or newer that can make virtualenvs.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
      2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# With pipefail, `grep -q` at the end of a pipe fails at times: what is before it may die
# of the closed pipe. So answers are captured and compared.
has_library() { [[ $(/sbin/ldconfig -p) == *"$1.so"* ]]; }

has_chromium() { [ -n "$(find_chromium)" ]; }

find_chromium() {
  local candidate
  for candidate in chromium google-chrome-stable google-chrome; do
    if command -v "$candidate" >/dev/null &&
      [[ $(readlink -f "$(command -v "$candidate")") != *snap* ]]; then
      command -v "$candidate"
      return 0
    fi
  done
  compgen -G "$CACHE/browsers/chromium-*/chrome-linux*/chrome" | tail -n 1
}

has_cjk_font() {
  compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null ||
    { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh)" ]; }
}

# missing_packages serve|test: the names apt knows, one a line.
missing_packages() {
  find_python >/dev/null || printf 'python3\npython3-venv\n'
  postgres_bin >/dev/null || printf 'postgis-for-postgresql\n'
  command -v redis-server >/dev/null || printf 'redis-server\n'
  { has_library libgdal && has_library libgeos_c && has_library libproj; } || printf 'gdal-bin\n'
  command -v msgfmt >/dev/null || printf 'gettext\n'
  has_cjk_font || printf 'fonts-droid-fallback\n'
  if [ "$1" = test ]; then
    command -v xgettext >/dev/null || printf 'gettext\n'
    has_chromium || printf 'chromium\n'
    has_cjk_font || printf 'fonts-noto-cjk\n'
  fi
}

need_system() {
  local missing
  missing=$(missing_packages "$1" | sort -u | tr '\n' ' ')
  if [ -n "$missing" ]; then
    say "安装系统软件（需要几分钟）：$missing"
    install_packages "$missing"
  fi
  PYTHON=$(find_python) || fail "没有可用的 Python 3.11 或更新的版本（需要 venv 模块）。" \
    "Debian 12、Ubuntu 24.04 或更新的系统自带所需的版本。"
  PG_BIN=$(postgres_bin) || fail "没有找到带 PostGIS 的 PostgreSQL。"
  if [ "$1" = test ]; then
    WANGGE_CHROMIUM=$(find_chromium)
    export WANGGE_CHROMIUM
  fi
}

install_packages() {
  command -v apt-get >/dev/null || fail "缺少系统软件：$1" \
    "本机没有 apt，无法自动安装。请先用系统自己的方式装好它们，再重新运行。"
  local sudo=()
  if ! is_root; then
    command -v sudo >/dev/null || fail "缺少系统软件：$1" "请以 root 运行，或让管理员先装好它们。"
    sudo=(sudo)
    if [ ! -t 0 ]; then sudo=(sudo -n); fi
    "${sudo[@]}" true || fail "缺少系统软件：$1" "当前用户没有 sudo 权限，请让管理员先装好它们。"
  fi
  # A subshell, so that its trap cleans up whatever happens.
  # shellcheck disable=SC2086
  (install_as "${sudo[@]+"${sudo[@]}"}" -- $1) >"$STATE/apt.log" 2>&1 ||
    fail "apt 没有装成：$1" "请检查网络和软件源（/etc/apt），再重新运行。详情见 $STATE/apt.log：" \
      "$(tail -n 5 "$STATE/apt.log")"
}

# Services that come with the packages are neither started nor given a cluster.
install_as() {
  local sudo=() version names=() name
  while [ "$1" != -- ]; do
    sudo+=("$1")
    shift
  done
  shift
  as_admin() { "${sudo[@]+"${sudo[@]}"}" env DEBIAN_FRONTEND=noninteractive "$@"; }
  if [ ! -e "$POLICY" ]; then
    trap 'as_admin rm -f "$POLICY" "$NO_CLUSTER"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_admin tee "$POLICY" >/dev/null
    as_admin chmod 755 "$POLICY"
  else
    trap 'as_admin rm -f "$NO_CLUSTER"' EXIT
  fi
  as_admin mkdir -p "$(dirname "$NO_CLUSTER")"
  echo 'create_main_cluster = false' | as_admin tee "$NO_CLUSTER" >/dev/null
  as_admin apt-get -q -o DPkg::Lock::Timeout=300 update
  for name in "$@"; do
    case $name in
      postgis-for-postgresql)
        version=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
        names+=("postgresql-$version" "postgresql-$version-postgis-3")
        ;;
      chromium)
        if [[ $(apt-cache policy chromium) == *'Candidate: '[0-9]* ]] &&
          [[ $(apt-cache depends chromium) != *snapd* ]]; then
          names+=(chromium)
        fi
        ;;
      *) names+=("$name") ;;
    esac
  done
  as_admin apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${names[@]}"
}

# Where apt has no Chromium of its own (Ubuntu ships a snap): Playwright's build.
need_chromium() {
  if ! has_chromium; then
    say "下载 Chromium"
    playwright install --with-deps chromium >&2
    WANGGE_CHROMIUM=$(find_chromium)
    export WANGGE_CHROMIUM
  fi
}
