# Browser assets come from npm, the rest from PyPI; both by their lock files.
FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY bin/lib/copy_assets bin/lib/subset_icons.mjs bin/lib/icon_words bin/lib/bundle bin/lib/
COPY . /sources
RUN bin/lib/icon_words /sources | bin/lib/copy_assets node_modules /vendor \
    && bin/lib/bundle "$PWD"/node_modules/@esbuild/*/bin/esbuild /sources/static /vendor /bundles

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends gdal-bin gettext fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY --from=assets /vendor /srv/vendor
COPY --from=assets /bundles /srv/bundles
COPY . .
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WANGGE_VENDOR_DIR=/srv/vendor \
    WANGGE_BUNDLES_DIR=/srv/bundles \
    WANGGE_STATIC_ROOT=/srv/static
# The translations and the static files are the same in every deployment, so they are
# made here; the environment is that of a demo because no secret belongs in an image.
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        [ ! -e "$po" ] || msgfmt --check-format -o "${po%.po}.mo" "$po"; \
    done \
    && WANGGE_ENV=demo WANGGE_STATE=/tmp/state python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/wangge wangge \
    && mkdir -p /var/lib/wangge/media \
    && chown -R wangge /var/lib/wangge
USER wangge
VOLUME /var/lib/wangge
EXPOSE 8000
CMD ["honcho", "start"]
