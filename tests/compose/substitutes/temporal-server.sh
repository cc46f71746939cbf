#!/bin/sh
# Run Temporal's dev server. Its database is a file, which is kept as a large object in the PostgreSQL database that the
# real server would use, so that it outlives the container if that is stopped, though not if it is killed and removed.
set -eu
[ "$DB" = postgres12 ] || exit 1
export PGHOST="$POSTGRES_SEEDS" PGPORT="$DB_PORT" PGUSER="$POSTGRES_USER" PGPASSWORD="$POSTGRES_PWD" PGDATABASE=temporal
file=$HOME/temporal.db
kept=1

# fails as the real server does, if the schema's step has not run
psql --quiet --dbname=temporal_visibility --command="SELECT 1" >/dev/null
if [ ! -e "$file" ] && [ -n "$(psql -At --command="SELECT 1 FROM pg_largeobject_metadata WHERE oid = $kept")" ]; then
    psql --quiet --command="\\lo_export $kept $file"
fi
settings=$(sed -n 's/^\([A-Za-z.]*\):$/\1/p; s/^  - value: \(.*\)$/\1/p' "$DYNAMIC_CONFIG_FILE_PATH" |
    paste -d= - - | sed 's/^/--dynamic-config-value /')
# shellcheck disable=SC2086  # the settings are separate words
temporal server start-dev --ip "$BIND_ON_IP" --port 7233 --headless --db-filename "$file" --log-level warn $settings &
server=$!
trap 'kill -TERM $server' TERM INT
wait $server || true
wait $server || true
psql --quiet --command="SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = $kept" >/dev/null
psql --quiet --command="\\lo_import $file" >/dev/null
newest="(SELECT max(oid) FROM pg_largeobject_metadata)"
psql --quiet --command="SELECT lo_from_bytea($kept, lo_get($newest)), lo_unlink($newest)" >/dev/null
