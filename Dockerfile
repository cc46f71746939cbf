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
# a new volume gets the owner of its mount point
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin quotations \
    && install --directory --owner=quotations /var/log/quotations
WORKDIR /app
COPY --from=build /venv /venv
COPY worker.py ./
USER quotations

FROM runtime AS worker
CMD ["python", "worker.py"]

FROM runtime AS gateway
EXPOSE 8000
# not urllib: it would use a proxy from Docker's configuration
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('GATEWAY_PORT') or 8000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "-m", "gateway"]
