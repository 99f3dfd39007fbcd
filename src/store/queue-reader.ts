import { isModeration, type QuarantineType } from "./quarantine-mark.ts";
import { decodeHead, type JoinedRow } from "./queue-rows.ts";
import { CONTENT_PIECES_MAX } from "./queue-sqlite.ts";
import {
  HELD_DUE_MS,
  LEASED_DUE_MS,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  UNREACHABLE_QUEUE_ID,
} from "./queue-store.ts";
import { openReader, type SqliteDatabase } from "./sqlite-database.ts";

/** Index entries that one statement counts: some milliseconds of work. */
const COUNT_ROWS = 20_000;
/** Recipients that a look for the oldest message passes in one go: a millisecond or two. */
const OLDEST_SLICE_ROWS = 5_000;
/** Recipients of one message that a reading shows. */
export const RECIPIENTS_SHOWN_MAX = 1_000;

/**
 * Messages that wait in the store for one queue; what threads have in memory is not among them. A
 * message with recipients in several queues counts in each, and once in each.
 */
export interface WaitingCount {
  readonly queueId: number;
  /** 2 is High, 1 Normal, 0 Low. */
  readonly priority: number;
  readonly messages: number;
  /** Those of them that wait for a time of their own. */
  readonly deferred: number;
}

/** A recipient by its message and its place there. */
export interface RecipientPlace {
  readonly messageId: number;
  readonly position: number;
}

/** What `places` says of each: message, position, queue and due time. */
export const PLACE_NUMBERS = 4;

/** A stored message as it crosses between threads: JSON is cheaper there than objects. */
export interface MessageRows {
  readonly head: string;
  readonly edits: string | null;
  /** The first RECIPIENTS_SHOWN_MAX, by position. */
  readonly recipients: readonly (readonly [queueId: number, dueMs: number, detail: string])[];
  readonly recipientCount: number;
}

/** A message in the quarantine, in the order in which they are read: by when it expires. */
export interface QuarantineCursor {
  readonly dueMs: number;
  readonly messageId: number;
}

/** Messages in the quarantine, and where the next ones begin: absent after the last. */
export interface QuarantineRows {
  readonly messages: readonly MessageRows[];
  readonly next?: QuarantineCursor;
}

/** Which part of the quarantine is read. */
export interface QuarantinePage {
  readonly before?: QuarantineCursor;
  readonly limit: number;
}

/** A message in the quarantine, by its numbers. */
export interface QuarantinePlace {
  readonly id: number;
  readonly networkMessageId: string;
  /** It waits for somebody to approve it. */
  readonly isModerated: boolean;
}

/** Some of them, and where the next ones begin: absent after the last. */
export interface QuarantinePlaces {
  readonly places: readonly QuarantinePlace[];
  readonly next?: QuarantineCursor;
}

/** A look for the oldest message in a queue, a slice of ids at a time. */
export interface OldestLook {
  /** When it was received, epoch ms; absent: none of this slice is in a queue. */
  readonly receivedMs?: number;
  /** Where to look on: at its id, or behind the slice. Absent: there is nothing behind it. */
  readonly from?: number;
}

/** A stored message with where its recipients wait. */
export interface ReadMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly {
    readonly recipient: QueuedRecipient;
    readonly queueId: number;
    readonly dueMs: number;
  }[];
  readonly recipientCount: number;
}

/**
 * Reads the queue database beside the store thread, for views: each call is one short transaction
 * of its own. What it gives may have changed by the time it arrives.
 */
export class QueueReader {
  readonly #path: string;
  readonly #countRows: number;
  #opened: SqliteDatabase | undefined;

  /** @param path the queue database, which the store must have opened before the first call */
  constructor(path: string, options: { readonly countRows?: number } = {}) {
    this.#path = path;
    this.#countRows = options.countRows ?? COUNT_ROWS;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  /** Counts what waits, queue by queue; other work gets its turn in between. */
  async count(): Promise<readonly WaitingCount[]> {
    const counts = new Map<number, { messages: number; deferred: number }>();
    let after: Cursor | undefined = { queueId: -9, dueMs: 0, messageId: 0, position: 0 };
    while (after !== undefined) {
      after = this.#countSlice(after, counts);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const unusual = this.#countUnusual();
    for (const { queueId, messages, deferred } of unusual) {
      const all = counts.get(queueId);
      if (all === undefined) continue;
      all.messages = Math.max(0, all.messages - messages);
      all.deferred = Math.max(0, all.deferred - deferred);
    }
    return [...[...counts].map(([queueId, own]) => ({ queueId, priority: 1, ...own })), ...unusual];
  }

  /** Ids of stored messages after one of them, in order. */
  messageIds(page: { readonly after: number; readonly limit: number }): readonly number[] {
    // Not from the messages: most of them may be in the Safety Net, for nobody who waits.
    return this.#ids(
      `SELECT DISTINCT message_id AS id FROM recipient WHERE message_id > ?
       ORDER BY message_id LIMIT ?`,
      [page.after, page.limit],
    );
  }

  /** Ids of the messages that wait in a queue, in order; `undefined` when they are too many. */
  messageIdsOf(queue: {
    readonly queueId: number;
    readonly countMax: number;
  }): readonly number[] | undefined {
    const ids = this.#ids(
      `SELECT message_id AS id FROM recipient WHERE queue_id = ? AND due_ms > ${LEASED_DUE_MS}
       LIMIT ?`,
      [queue.queueId, queue.countMax + 1],
    );
    if (ids.length > queue.countMax) return undefined;
    return [...new Set(ids)].sort((left, right) => left - right);
  }

  /** Where recipients are, in the order of messages, after one of them. */
  places(page: {
    readonly after: RecipientPlace | undefined;
    readonly limit: number;
  }): Float64Array {
    const { messageId, position } = page.after ?? { messageId: 0, position: 0 };
    const rows = this.#database
      .prepare(
        `SELECT message_id, position, queue_id, due_ms FROM recipient
         WHERE (message_id, position) > (?, ?) ORDER BY message_id, position LIMIT ?`,
      )
      .all(messageId, position, page.limit);
    const places = new Float64Array(rows.length * PLACE_NUMBERS);
    let at = 0;
    for (const row of rows) {
      places[at] = Number(row["message_id"]);
      places[at + 1] = Number(row["position"]);
      places[at + 2] = Number(row["queue_id"]);
      places[at + 3] = Number(row["due_ms"]);
      at += PLACE_NUMBERS;
    }
    return places;
  }

  /** Those of the messages that are still there, in the order of `ids`. */
  messages(ids: readonly number[]): readonly MessageRows[] {
    const database = this.#database;
    // Two statements for all of them: one for each message takes five times as long.
    const asked = JSON.stringify(ids);
    const recipients = new Map<number, MessageRows["recipients"][number][]>();
    for (const row of database.prepare(RECIPIENTS_OF).all(asked)) {
      const own = recipients.get(Number(row["at"])) ?? [];
      recipients.set(Number(row["at"]), own);
      own.push([Number(row["queue_id"]), Number(row["due_ms"]), String(row["detail"])]);
    }
    const count = database.prepare("SELECT count(*) AS n FROM recipient WHERE message_id = ?");
    return database
      .prepare(HEADS_OF)
      .all(asked)
      .map((row): MessageRows => {
        const own = recipients.get(Number(row["at"])) ?? [];
        const isCut = own.length === RECIPIENTS_SHOWN_MAX;
        return {
          head: String(row["head"]),
          edits: row["edits"] === null ? null : String(row["edits"]),
          recipients: own,
          recipientCount: isCut ? Number(count.get(Number(row["id"]))?.["n"]) : own.length,
        };
      });
  }

  /**
   * The first of the messages from `from` on that waits to be delivered, by its id: poison and
   * quarantine are no waiting. Looks at some thousand recipients.
   */
  oldest(from: number): OldestLook {
    const slice = `(SELECT message_id, queue_id FROM recipient WHERE message_id >= ?
      ORDER BY message_id LIMIT ${OLDEST_SLICE_ROWS})`;
    const row = this.#database
      .prepare(
        `SELECT min(CASE WHEN queue_id >= ${UNREACHABLE_QUEUE_ID} THEN message_id END) AS oldest,
         max(message_id) AS last, count(*) AS n FROM ${slice}`,
      )
      .get(from);
    const id = row?.["oldest"];
    if (typeof id === "number") {
      const [head] = this.messages([id]);
      if (head === undefined) return { from: id + 1 };
      return { receivedMs: decodeMessageRows(head).message.receivedMs, from: id };
    }
    return Number(row?.["n"]) < OLDEST_SLICE_ROWS ? {} : { from: Number(row?.["last"]) + 1 };
  }

  /** Messages in the quarantine before the cursor, those first that are kept longest. */
  quarantined(page: QuarantinePage): QuarantineRows {
    const rows = this.#database.prepare(QUARANTINED).all(...cursorOf(page), page.limit);
    const last = rows.length < page.limit ? undefined : rows.at(-1);
    const messages = this.messages(rows.map((row) => Number(row["message_id"])));
    return { messages, ...(last !== undefined && { next: quarantineCursor(last) }) };
  }

  /** The same, but nothing is read of them except which they are. */
  quarantinePlaces(page: QuarantinePage): QuarantinePlaces {
    const rows = this.#database
      .prepare(
        `SELECT due_ms, message_id, json_extract(head, '$.networkMessageId') AS guid,
           json_extract(head, '$.quarantine.type') AS type
         FROM (${QUARANTINED}) CROSS JOIN message ON id = message_id
         ORDER BY due_ms DESC, message_id DESC`,
      )
      .all(...cursorOf(page), page.limit);
    const last = rows.length < page.limit ? undefined : rows.at(-1);
    const places = rows.map(
      (row): QuarantinePlace => ({
        id: Number(row["message_id"]),
        networkMessageId: String(row["guid"]),
        isModerated: isModeration(row["type"] as QuarantineType | undefined),
      }),
    );
    return { places, ...(last !== undefined && { next: quarantineCursor(last) }) };
  }

  /** Piece `index` of a content, from 0; `undefined` past the last one. */
  content(piece: { readonly contentId: number; readonly index: number }): Uint8Array | undefined {
    const bytes = this.#database
      .prepare("SELECT bytes FROM content WHERE piece = ?")
      .get(piece.contentId * CONTENT_PIECES_MAX + piece.index)?.["bytes"];
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  get #database(): SqliteDatabase {
    this.#opened ??= openReader(this.#path, { name: "the queue database", readers: "thread" });
    return this.#opened;
  }

  #ids(sql: string, values: readonly number[]): number[] {
    return this.#database
      .prepare(sql)
      .all(...values)
      .map((row) => Number(row["id"]));
  }

  #countSlice(
    after: Cursor,
    counts: Map<number, { messages: number; deferred: number }>,
  ): Cursor | undefined {
    const from = [after.queueId, after.dueMs, after.messageId, after.position];
    const rows = this.#database
      .prepare(
        `SELECT queue_id, sum(counts) AS messages, sum(counts AND ${DEFERRED}) AS deferred FROM (
           SELECT r.queue_id, r.due_ms, ${FIRST_OF_ITS_MESSAGE} AS counts FROM recipient r
           WHERE ${AFTER_CURSOR} ORDER BY ${INDEX_ORDER} LIMIT ${this.#countRows}
         ) WHERE due_ms > ${LEASED_DUE_MS} GROUP BY queue_id`,
      )
      .all(...from);
    for (const row of rows) {
      const own = counts.get(Number(row["queue_id"])) ?? { messages: 0, deferred: 0 };
      own.messages += Number(row["messages"]);
      own.deferred += Number(row["deferred"]);
      counts.set(Number(row["queue_id"]), own);
    }
    const last = this.#database
      .prepare(
        `SELECT queue_id, due_ms, message_id, position FROM recipient r WHERE ${AFTER_CURSOR}
         ORDER BY ${INDEX_ORDER} LIMIT 1 OFFSET ${this.#countRows - 1}`,
      )
      .get(...from);
    if (last === undefined) return undefined;
    return {
      queueId: Number(last["queue_id"]),
      dueMs: Number(last["due_ms"]),
      messageId: Number(last["message_id"]),
      position: Number(last["position"]),
    };
  }

  #countUnusual(): readonly WaitingCount[] {
    return this.#database
      .prepare(
        `SELECT r.queue_id, m.priority, count(*) AS messages, sum(${DEFERRED}) AS deferred
         FROM message m JOIN recipient r ON r.message_id = m.id
         WHERE m.priority <> 1 AND r.due_ms > ${LEASED_DUE_MS} AND ${FIRST_OF_ITS_MESSAGE}
         GROUP BY r.queue_id, m.priority`,
      )
      .all()
      .map((row) => ({
        queueId: Number(row["queue_id"]),
        priority: Number(row["priority"]),
        messages: Number(row["messages"]),
        deferred: Number(row["deferred"]),
      }));
  }
}

// All recipients of a message came there at one time, and expire at one.
const QUARANTINED = `SELECT due_ms, message_id FROM recipient
  WHERE queue_id = ${QUARANTINE_QUEUE_ID} AND (due_ms, message_id) < (?, ?)
  GROUP BY due_ms, message_id ORDER BY due_ms DESC, message_id DESC LIMIT ?`;

function cursorOf({ before }: QuarantinePage): readonly [number, number] {
  return [before?.dueMs ?? HELD_DUE_MS, before?.messageId ?? HELD_DUE_MS];
}

function quarantineCursor(row: Readonly<Record<string, unknown>>): QuarantineCursor {
  return { dueMs: Number(row["due_ms"]), messageId: Number(row["message_id"]) };
}

/** For ids in JSON. */
const HEADS_OF = `SELECT asked.key AS at, m.id, m.head, m.edits
  FROM json_each(?) asked CROSS JOIN message m ON m.id = asked.value ORDER BY asked.key`;
const RECIPIENTS_OF = `SELECT asked.key AS at, r.queue_id, r.due_ms, r.detail
  FROM json_each(?) asked CROSS JOIN recipient r ON r.message_id = asked.value
  AND r.position <= ifnull((SELECT position FROM recipient last
    WHERE last.message_id = asked.value ORDER BY position
    LIMIT 1 OFFSET ${RECIPIENTS_SHOWN_MAX - 1}), ${Number.MAX_SAFE_INTEGER})
  ORDER BY asked.key, r.position`;

interface Cursor {
  readonly queueId: number;
  readonly dueMs: number;
  readonly messageId: number;
  readonly position: number;
}

const DEFERRED = `(due_ms > 1 AND due_ms < ${HELD_DUE_MS})`;
const INDEX_ORDER = "r.queue_id, r.due_ms, r.message_id, r.position";
const AFTER_CURSOR = `(${INDEX_ORDER}) > (?, ?, ?, ?)`;
/**
 * Of a message's recipients in one queue only the first counts; most messages have just one. The
 * plus keeps SQLite from looking through the whole queue for each of them.
 */
const FIRST_OF_ITS_MESSAGE = `(r.position = 0 OR NOT EXISTS (
  SELECT 1 FROM recipient other WHERE other.message_id = r.message_id
  AND other.position < r.position AND +other.queue_id = r.queue_id
  AND +other.due_ms > ${LEASED_DUE_MS}))`;

/** What the rows say. */
export function decodeMessageRows(rows: MessageRows): ReadMessage {
  return {
    message: decodeHead(rows satisfies Pick<JoinedRow, "head" | "edits">),
    recipients: rows.recipients.map(([queueId, dueMs, detail]) => ({
      recipient: JSON.parse(detail) as QueuedRecipient,
      queueId,
      dueMs,
    })),
    recipientCount: rows.recipientCount,
  };
}
