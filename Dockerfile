# One image for every role: `docker run … throughline serve`, `mail`, `work`, `migrate`, or `up`, which is all of them on SQLite in /data.
# It holds no secret, runs as nobody in particular, and writes below /data, /blobs and /tmp only.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock .
# An environment of its own, so that the second stage takes what is pinned and nothing else.
RUN python -m venv /opt/throughline \
 && /opt/throughline/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
# Letters of Chinese, Japanese and Korean for the PDF transcript; those of other scripts come with the code.
RUN apt-get -qq update \
 && apt-get -qq install --yes --no-install-recommends fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 throughline \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin throughline \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data /blobs
COPY --from=packages /opt/throughline /opt/throughline
WORKDIR /app
COPY server server
COPY chat chat
COPY mailgateway mailgateway
COPY static static
ENV PATH=/opt/throughline/bin:$PATH PYTHONUNBUFFERED=1
# Compiled here, for the running process may not write beside its code.
RUN python -m compileall -q server chat mailgateway
ENV PYTHONDONTWRITEBYTECODE=1 \
    THROUGHLINE_MODE=production \
    THROUGHLINE_DATA=/data \
    THROUGHLINE_BLOBS=/blobs \
    THROUGHLINE_HOST=0.0.0.0 \
    THROUGHLINE_SMTP_HOST=0.0.0.0 \
    THROUGHLINE_STATUS=127.0.0.1:9100
USER 10001:10001
EXPOSE 8000 2525
STOPSIGNAL SIGTERM
# Every role answers there; 503 makes urlopen raise, and the check fail.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9100/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "server"]
CMD ["up"]
