# The product without its development tools: no demo, no embedded PostgreSQL at work, no Node at run time.
# Build: docker build -t stint .        Web: docker run stint        Worker: docker run stint python -m webapp.worker

FROM node:24-slim AS front-end
WORKDIR /stint
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim
WORKDIR /stint
COPY requirements.run.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.run.lock
COPY . .
COPY --from=front-end /stint/node_modules node_modules
# Checks each front-end file against the hash in package.json.
RUN python3 -c "from webapp.launcher import install; install.serve_files()" && rm -r node_modules \
    && useradd --system --create-home stint && install -d -o stint /var/lib/stint
USER stint
ENV STINT_ENV=production STATE_DIR=/var/lib/stint PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
# Migrations are a release step of their own: flask --app wsgi prepare, with DATABASE_OWNER_URL.
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "64", "--preload", "--config", "python:webapp.core.live.gunicorn_worker", "--no-control-socket", "--graceful-timeout", "8", "wsgi:app"]
