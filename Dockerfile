# One image with two targets; docker-compose.yml names the target of each service.

# the Python version of the tests
FROM python:3.11.15-slim-trixie AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

FROM base AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all: PIP_ROOT_USER_ACTION=ignore
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv --without-pip /venv \
    && python -m pip --python=/venv install --no-deps --require-hashes -r requirements.lock
# a third of it would be other services' descriptions, the SDK's sources and stubs; of AWS, S3 and logins are used
RUN cd /venv/lib/python*/site-packages \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d \
        ! -name s3 ! -name signin ! -name sso ! -name sso-oidc ! -name sts -exec rm -r {} + \
    && rm -r temporalio/bridge/sdk-core \
    && find . -name '*.pyi' -delete
# the build backend is pinned with the development tools, and does not leave this stage
RUN sed -n '/^setuptools==/,/# via/p' requirements-dev.lock > setuptools.lock \
    && test -s setuptools.lock \
    && python -m pip install --no-deps --require-hashes -r setuptools.lock
COPY pyproject.toml worker.py ./
COPY activities/ activities/
COPY gateway/ gateway/
COPY log_store/ log_store/
COPY odoo_client/ odoo_client/
COPY operate/ operate/
COPY quotation/ quotation/
COPY runtime/ runtime/
COPY workflows/ workflows/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir=dist . \
    && python -m pip --python=/venv install --no-deps --no-index dist/*.whl

FROM base AS runtime
ENV PATH=/venv/bin:$PATH
# the official image has pip, and ensurepip could bring it back
RUN python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel \
    && rm -r "$(python -c 'import ensurepip, pathlib; print(pathlib.Path(ensurepip.__file__).parent)')"
# a new volume gets the owner of its mount point
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin quotations \
    && install --directory --owner=quotations /var/log/quotations
WORKDIR /app
COPY --from=build /venv /venv
COPY worker.py ./
# a number, so that Kubernetes sees that it is not root
USER 10001
# make image sets them; source is an address of the project for those who publish the image
ARG VERSION=unknown REVISION=unknown CREATED= SOURCE=
LABEL org.opencontainers.image.title=durable-quotations \
    org.opencontainers.image.version=$VERSION \
    org.opencontainers.image.revision=$REVISION \
    org.opencontainers.image.created=$CREATED \
    org.opencontainers.image.source=$SOURCE

FROM runtime AS worker
# its health check needs it; from outside the container, only WORKER_METRICS_HOST opens it
ENV WORKER_METRICS_PORT=9464
EXPOSE 9464
# not urllib: it would use a proxy from Docker's configuration
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['WORKER_METRICS_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "worker.py"]

FROM runtime AS gateway
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('GATEWAY_PORT') or 8000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "-m", "gateway"]
