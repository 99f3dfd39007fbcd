/**
 * The queue database, one step per version; `PRAGMA user_version` says how many have run. A step
 * that has been released never changes: the queue of the previous release must stay readable.
 */
export const QUEUE_MIGRATIONS: readonly string[] = [
  `
  -- Content in pieces; piece = content id * CONTENT_PIECES_MAX + index.
  CREATE TABLE content (piece INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  -- Content that is still being received: what a crash leaves of it goes at the next start.
  CREATE TABLE staged (content_id INTEGER PRIMARY KEY);
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    content_id INTEGER NOT NULL,
    head TEXT NOT NULL,
    edits TEXT,
    crashes INTEGER NOT NULL DEFAULT 0
  );
  -- Only forks are in it: a message whose content is its own costs no index entry.
  CREATE INDEX message_fork ON message (content_id) WHERE content_id <> id;
  CREATE TABLE recipient (
    message_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    queue_id INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    notice_ms INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (message_id, position)
  ) WITHOUT ROWID;
  CREATE INDEX recipient_queue ON recipient (queue_id, due_ms, message_id, position);
  -- Neither Submission (0) nor Poison (-2): those don't expire (reference §5.1).
  CREATE INDEX recipient_notice ON recipient (notice_ms) WHERE queue_id > 0 OR queue_id = -1;
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL
  );
  CREATE TABLE sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO sequence VALUES ('message', 1);
  -- Tracking lines with the place in the log file where they belong, until that file is flushed.
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    text TEXT NOT NULL
  );
  `,
  `
  -- What is not Normal can be counted without reading every message: 2 is High, 0 is Low.
  ALTER TABLE message ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
  UPDATE message SET priority = CASE json_extract(head, '$.priority') WHEN 'High' THEN 2 ELSE 0 END
    WHERE json_extract(head, '$.priority') <> 'Normal';
  CREATE INDEX message_priority ON message (priority) WHERE priority <> 1;
  `,
  `
  -- The Safety Net: recipients who have the message, until it expires. request: who has resubmitted
  -- it last.
  CREATE TABLE safety_net (
    message_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kept_ms INTEGER NOT NULL,
    destination TEXT NOT NULL,
    request INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (message_id, position)
  ) WITHOUT ROWID;
  CREATE INDEX safety_net_time ON safety_net (kept_ms, message_id, position);
  `,
];
