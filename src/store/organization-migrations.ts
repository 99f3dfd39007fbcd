import { ACCESS_MIGRATION, SIGN_IN_MIGRATION } from "./access-migration.ts";

/**
 * The organization database, one step per version; `PRAGMA user_version` says how many have run. A
 * step that has been released never changes.
 */
export const ORGANIZATION_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE organization (version INTEGER NOT NULL);
  INSERT INTO organization VALUES (0);
  CREATE TABLE object (
    kind TEXT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (kind, name_key)
  ) WITHOUT ROWID;
  -- digest covers addresses and members too: whether a recipient differs is one comparison.
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    member_count INTEGER NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (kind, name_key)
  );
  -- key is the address in lower case.
  CREATE TABLE address (
    key TEXT PRIMARY KEY,
    recipient_id INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX address_recipient ON address (recipient_id);
  -- Positions are 0, 1, 2, … without gaps: a page is found by its offset.
  CREATE TABLE member (
    recipient_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (recipient_id, position)
  ) WITHOUT ROWID;
  `,
  `
  -- What was learnt and may be learnt again (RecordStore); no part of the configuration.
  CREATE TABLE record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    json TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) WITHOUT ROWID;
  CREATE INDEX record_expiry ON record (expires_ms);
  `,
  `
  -- Whose it is. What older releases stored came from the file or from the first start, and gives
  -- way to the next file, as it did then (GIVES_WAY in src/org/object-owner.ts).
  ALTER TABLE object ADD COLUMN owner TEXT NOT NULL DEFAULT '(first start)';
  ALTER TABLE recipient ADD COLUMN owner TEXT NOT NULL DEFAULT '(first start)';
  `,
  ACCESS_MIGRATION,
  `
  -- One member is found without reading them all. From here on positions may have gaps: a member
  -- keeps its own, and a new one comes behind the last. An empty digest is one that has to be made.
  CREATE INDEX member_address ON member (recipient_id, address COLLATE NOCASE);
  `,
  SIGN_IN_MIGRATION,
  `
  -- The version of the organization that has changed its members last.
  ALTER TABLE recipient ADD COLUMN members_version INTEGER NOT NULL DEFAULT 0;
  `,
];
