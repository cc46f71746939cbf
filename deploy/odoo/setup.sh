#!/bin/sh
# Prepare SETUP_DATABASE for quotations: modules, the administrator's password, the worker's user.
# Each step runs only if its result is missing, so the script can fail or be stopped anywhere and run again.
set -eu

modules=crm,sale_management,sale_crm
options="--database=$SETUP_DATABASE --no-http --max-cron-threads=0"

installed() {
    query="SELECT count(*) FROM ir_module_module
        WHERE state = 'installed' AND name = ANY (string_to_array('$modules', ','))"
    found=$(PGPASSWORD=$PASSWORD psql --host="$HOST" --username="$USER" --dbname="$SETUP_DATABASE" \
        --no-align --tuples-only --command="$query" 2>/dev/null) && [ "$found" = 3 ]
}

# the image's entrypoint adds the options of the database server
# shellcheck disable=SC2086  # the options are separate words
installed || /entrypoint.sh odoo $options --init="$modules" --without-demo=True --stop-after-init

# shellcheck disable=SC2086
/entrypoint.sh odoo shell $options <<'PYTHON'
import os

login, password = os.environ["SETUP_SERVICE_LOGIN"], os.environ["SETUP_SERVICE_PASSWORD"]
users = env["res.users"].with_context(no_reset_password=True, active_test=False)
user = users.search([("login", "=", login)])
if not user:
    # may sell to the customers of every salesperson, and nothing else
    group = env.ref("sales_team.group_sale_salesman_all_leads")
    user = users.create({"name": "Quotations", "login": login, "group_ids": [(6, 0, [group.id])]})
    env.ref("base.user_admin").password = os.environ["SETUP_ADMIN_PASSWORD"]
user.password = password
env.cr.commit()
PYTHON
