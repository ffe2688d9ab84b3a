#!/bin/sh
# Makes the login that serves: it owns nothing, and acts only as the two roles that row-level security holds.
# The roles are made here already, so that they can be granted before the first migration.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$CHEETAH_DB_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE cheetah_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE cheetah_platform NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE cheetah LOGIN PASSWORD :'password';
GRANT cheetah_app, cheetah_platform TO cheetah;
SQL
