#!/bin/bash
# As the official image's entry point: Odoo with the options of the database server, once that answers.
set -e
database=(--db_host "$HOST" --db_port "${PORT:-5432}" --db_user "$USER" --db_password "$PASSWORD")
case "$1" in
    odoo)
        shift
        command=()
        if [ "$1" = shell ]; then
            command=(shell)
            shift
        fi
        until PGPASSWORD=$PASSWORD psql --host="$HOST" --username="$USER" --dbname=postgres --command="SELECT 1" >/dev/null; do
            sleep 1
        done
        exec /venv/bin/python /usr/bin/odoo "${command[@]}" "$@" "${database[@]}" --data-dir=/var/lib/odoo
        ;;
    *)
        exec "$@"
        ;;
esac
