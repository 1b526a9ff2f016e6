# shellcheck shell=bash
# A PostgreSQL cluster and a Redis of our own, on unix sockets below the state.

# PostgreSQL refuses to run as root; its own system user does it then.
as_postgres() {
  if is_root; then
    (cd / && runuser -u postgres -- "$@")
  else
    (cd / && "$@")
  fi
}

need_directories() {
  mkdir -p "$RUN" "$STATE/pg" "$STATE/media"
  chmod 700 "$RUN" "$STATE/pg" "$STATE/media"
  if is_root; then
    id postgres >/dev/null 2>&1 || fail "没有系统用户 postgres。" \
      "PostgreSQL 不能以 root 运行；安装 Debian 的 postgresql 软件包会建立这个用户。"
    chown postgres: "$RUN" "$STATE/pg"
    as_postgres test -w "$STATE/pg" || fail "系统用户 postgres 进不了状态目录 $STATE。" \
      "它的某一级上级目录不允许其他用户进入（例如 /root）。" \
      "请用 WANGGE_STATE 指定别处，例如 WANGGE_STATE=/var/lib/wangge/my。"
  fi
}

# start_postgres [durable|fast]: fast does not wait for the disk (tests only).
start_postgres() {
  match_version
  if [ ! -s "$STATE/pg/PG_VERSION" ]; then
    say "建立 PostgreSQL 数据库"
    as_postgres "$PG_BIN/initdb" -D "$STATE/pg" -U wangge --auth=trust -E UTF8 \
      --locale=C.UTF-8 --no-instructions >/dev/null || fail "initdb 没有成功。"
    echo "include_if_exists = '../postgres.conf'" |
      as_postgres tee -a "$STATE/pg/postgresql.conf" >/dev/null
  fi
  postgres_conf "$1" >"$STATE/postgres.conf"
  # Left running by an instance that was killed: the lock says that nobody uses it.
  if as_postgres "$PG_BIN/pg_ctl" -D "$STATE/pg" status >/dev/null; then stop_postgres; fi
  as_postgres "$PG_BIN/pg_ctl" -D "$STATE/pg" -l "$STATE/pg/server.log" -w -t 60 start \
    >/dev/null 8>&- 9>&- || fail "PostgreSQL 没有启动，原因见 $STATE/pg/server.log："$'\n'"$(
      tail -n 5 "$STATE/pg/server.log"
    )"
  if ! "$PG_BIN/psql" -h "$RUN" -U wangge -d wangge -c '' >/dev/null 2>&1; then
    "$PG_BIN/createdb" -h "$RUN" -U wangge wangge
  fi
}

# A cluster made by an older PostgreSQL is run by that one.
match_version() {
  local version
  [ -s "$STATE/pg/PG_VERSION" ] || return 0
  version=$(cat "$STATE/pg/PG_VERSION")
  [ -x "/usr/lib/postgresql/$version/bin/postgres" ] || fail \
    "$STATE/pg 是 PostgreSQL $version 的数据，而本机没有这个版本。" \
    "请安装 postgresql-$version-postgis-3，或用 WANGGE_STATE 指定新的目录。"
  PG_BIN=/usr/lib/postgresql/$version/bin
}

postgres_conf() {
  cat <<CONF
listen_addresses = ''
unix_socket_directories = '$RUN'
port = 5432
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
random_page_cost = 1.1
log_min_messages = warning
log_checkpoints = off
timezone = 'UTC'
jit = off
CONF
  if [ "$1" = fast ]; then
    printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n'
  fi
}

stop_postgres() {
  as_postgres "$PG_BIN/pg_ctl" -D "$STATE/pg" -m fast -w -t 60 stop >/dev/null 2>&1 || true
}

REDIS=(redis-server --port 0 --unixsocketperm 700 --save "''" --appendonly no
  --daemonize no --loglevel warning)

# Nobody waits for it here: what needs Redis tries again until it answers.
start_redis() {
  stop_redis
  setsid "${REDIS[@]}" --unixsocket "$RUN/redis.sock" --dir "$RUN" \
    >"$STATE/redis.log" 2>&1 8>&- 9>&- &
}

stop_redis() {
  if [ -S "$RUN/redis.sock" ]; then
    redis-cli -s "$RUN/redis.sock" shutdown nosave >/dev/null 2>&1 || true
    rm -f "$RUN/redis.sock"
  fi
}
