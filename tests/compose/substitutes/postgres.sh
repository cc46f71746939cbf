#!/bin/sh
# As the official image's: create the cluster with POSTGRES_USER as its superuser if the volume is empty, then serve.
set -eu
: "${POSTGRES_PASSWORD:?must be set}"
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

if [ ! -s "$data/PG_VERSION" ]; then
    chown postgres:postgres "$data"
    chmod 700 "$data"
    password=$(mktemp)
    printf %s "$POSTGRES_PASSWORD" >"$password"
    chown postgres "$password"
    as_postgres "$bin/initdb" --pgdata="$data" --username="$POSTGRES_USER" --pwfile="$password" \
        --auth-local=trust --auth-host=scram-sha-256
    rm "$password"
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    # during its setup the official one listens on its socket only
    as_postgres "$bin/pg_ctl" --pgdata="$data" --wait --options="-c listen_addresses=''" start
    database=${POSTGRES_DB:-$POSTGRES_USER}
    [ "$database" = postgres ] || as_postgres "$bin/createdb" --username="$POSTGRES_USER" "$database"
    as_postgres "$bin/pg_ctl" --pgdata="$data" --wait --mode=fast stop
fi
exec setpriv --reuid=postgres --regid=postgres --clear-groups "$bin/postgres" -D "$data" -c listen_addresses='*'
