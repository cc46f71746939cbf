#!/bin/sh
# Create a database as temporal-sql-tool does. The dev server has its tables in a file of its own, so there is no schema.
set -eu
[ "$SQL_PLUGIN" = postgres12 ] && [ "$1" = --db ] || exit 1
database=$2
command=$3
export PGPASSWORD="$SQL_PASSWORD"
query() { psql --host="$SQL_HOST" --port="$SQL_PORT" --username="$SQL_USER" --no-align --tuples-only "$@"; }

case $command in
create)
    exists=$(query --dbname=postgres --command="SELECT 1 FROM pg_database WHERE datname = '$database'")
    [ "$exists" = 1 ] || query --dbname=postgres --command="CREATE DATABASE $database"
    ;;
setup-schema | update-schema)
    query --dbname="$database" --command="SELECT 1" >/dev/null
    ;;
*)
    exit 1
    ;;
esac
