#!/bin/bash
# Runs once, in a new cluster: a database per service, one role that owns it and migrates, another
# one that works in it. deploy/local/stack/databases.py does the same for the embedded stack.
set -euo pipefail

# Passwords go by the environment, so that none is ever a word of a command line.
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"; }

# Every database created from now on has them.
sql --dbname template1 <<'SQL'
CREATE EXTENSION btree_gist;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;

-- PostgreSQL has it since version 18; before, RFC 9562 in three steps: 48 bits of milliseconds,
-- the rest random, and the version.
SELECT to_regprocedure('uuidv7()') IS NULL AS is_missing \gset
\if :is_missing
CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$;
\endif
SQL

for service in catalog scheduling pilates portal notifications; do
    owner_password=${service^^}_OWNER_PASSWORD app_password=${service^^}_APP_PASSWORD
    OWNER_PASSWORD=${!owner_password:?} APP_PASSWORD=${!app_password:?} \
        sql --dbname postgres --set service="$service" \
            --set owner="${service}_owner" --set app="${service}_app" <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"app";
SQL
done
