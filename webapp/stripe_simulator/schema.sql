-- The simulator's own schema; every statement may be run again. No foreign tables, no relation to the product's.
CREATE SCHEMA IF NOT EXISTS stripe_simulator;
SET search_path TO stripe_simulator;

CREATE TABLE IF NOT EXISTS setting (name text PRIMARY KEY, value jsonb NOT NULL);

-- Every object of the interface: what the client sees (body), what it does not (hidden), when time changes it (due).
CREATE TABLE IF NOT EXISTS object (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  account text NOT NULL,
  created bigint NOT NULL,
  due bigint,
  body jsonb NOT NULL,
  hidden jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS object_list ON object (kind, account, seq);
CREATE INDEX IF NOT EXISTS object_due ON object (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_group ON object ((body ->> 'transfer_group')) WHERE body ->> 'transfer_group' IS NOT NULL;

CREATE INDEX IF NOT EXISTS object_source ON object ((body ->> 'source_transaction'))
  WHERE body ->> 'source_transaction' IS NOT NULL;

-- The books. account '' is the platform. The running total is a second way to the same figure: the self-check.
CREATE TABLE IF NOT EXISTS entry (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  account text NOT NULL,
  created bigint NOT NULL,
  available_on bigint NOT NULL,
  currency text NOT NULL,
  amount bigint NOT NULL,
  fee bigint NOT NULL,
  type text NOT NULL,
  category text NOT NULL,
  source text,
  description text,
  payout text
);
CREATE INDEX IF NOT EXISTS entry_account ON entry (account, currency, available_on);
CREATE INDEX IF NOT EXISTS entry_source ON entry (source);
CREATE TABLE IF NOT EXISTS total (
  account text, currency text, amount bigint NOT NULL, PRIMARY KEY (account, currency)
);

CREATE TABLE IF NOT EXISTS idempotency (
  account text, version int, key text,
  path text NOT NULL,
  fingerprint text NOT NULL,
  request_id text NOT NULL,
  created bigint NOT NULL,
  leased_until double precision,
  status int,
  answer text,
  PRIMARY KEY (account, version, key)
);

CREATE TABLE IF NOT EXISTS event (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  account text NOT NULL,
  created bigint NOT NULL,
  type text NOT NULL,
  thin boolean NOT NULL,
  object_id text,
  body jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS event_list ON event (thin, account, seq);

-- One row a posting to make: waiting until delivered, dropped or given up.
CREATE TABLE IF NOT EXISTS delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event text NOT NULL REFERENCES event,
  destination text NOT NULL,
  place double precision NOT NULL,
  first_due double precision NOT NULL,
  due double precision NOT NULL,
  claimed_until double precision NOT NULL DEFAULT 0,
  tries int NOT NULL DEFAULT 0,
  outcome text,
  answer text
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);

CREATE TABLE IF NOT EXISTS fault (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  times_left int NOT NULL,
  hits int NOT NULL DEFAULT 0,
  options jsonb NOT NULL DEFAULT '{}'
);
