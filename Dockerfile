# The gateway in a container. `docker build -t trunkline .`; how it is used: docs/claude-code-on-zai.md.
# In the place of LiteLLM's image it takes the same command line and the same mounted configuration.

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock pyproject.toml README.md LICENSE ./
COPY src ./src
# Wheels only, each by its hash: nothing is compiled, and nothing that is not in the lock files gets in.
RUN python3 -m venv /opt/trunkline \
    && python3 -m venv /opt/tools \
    && /opt/trunkline/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements.lock \
    && /opt/tools/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements-build.lock \
    && /opt/tools/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist . \
    && /opt/trunkline/bin/pip install --no-cache-dir --no-deps --no-index dist/trunkline-*.whl \
    && /opt/trunkline/bin/python -m compileall -q /opt/trunkline/lib \
    && ln -s trunkline /opt/trunkline/bin/litellm

FROM python:3.13-slim
# Compose files' health checks call curl or wget inside.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl wget \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/trunkline --shell /usr/sbin/nologin trunkline \
    && install -d -o trunkline -m 0700 /var/lib/trunkline \
    && install -d /app
COPY --from=build /opt/trunkline /opt/trunkline
ENV PATH=/opt/trunkline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    TRUNKLINE_IN_IMAGE=1 \
    TRUNKLINE_HOME=/var/lib/trunkline
WORKDIR /app
USER 10001
VOLUME /var/lib/trunkline
EXPOSE 4000
# It asks where the gateway says that it listens: --port and PORT may say otherwise.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["trunkline", "health"]
ENTRYPOINT ["trunkline"]
CMD ["serve"]
