#!/bin/sh
# Run once, by the postgres image, over an empty data folder: two databases, each owned by a role that can do nothing
# else. Passwords come from the environment and are not printed.
set -eu

for pair in "aiwriter:$DATABASE_PASSWORD" "prefect:$PREFECT_DATABASE_PASSWORD"; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set name="${pair%%:*}" --set password="${pair#*:}" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
