/** A step of the organization database: administrators, API tokens and the audit log. */
export const ACCESS_MIGRATION = `
  CREATE TABLE administrator (
    name_key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret TEXT NOT NULL,
    is_totp_enabled INTEGER NOT NULL,
    totp_counter INTEGER NOT NULL,
    role_groups TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    password_set_ms INTEGER NOT NULL,
    last_logon_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE api_token (
    name_key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    role_groups TEXT NOT NULL,
    cmdlets TEXT,
    created_by TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    last_used_ms INTEGER NOT NULL,
    last_used_from TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Only ever appended to, and pruned by age.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    caller TEXT NOT NULL,
    via TEXT NOT NULL,
    address TEXT NOT NULL,
    cmdlet TEXT NOT NULL,
    object TEXT NOT NULL,
    parameters TEXT NOT NULL,
    succeeded INTEGER NOT NULL,
    error TEXT NOT NULL,
    changes TEXT NOT NULL
  );
  CREATE INDEX audit_at ON audit (at_ms);
  `;

/** A step of the organization database: further ways in. Lists are JSON. */
export const SIGN_IN_MIGRATION = `
  ALTER TABLE administrator ADD COLUMN recovery_codes TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE administrator ADD COLUMN passkeys TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE administrator ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
  `;
