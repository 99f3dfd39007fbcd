import type { OutputOf } from "../../api/run-cmdlet.ts";

/** What became of a message for one recipient. */
export type TraceRow = OutputOf<"Get-MessageTrace">;

/** A message with those of its recipients that the search is about. */
export interface TracedMessage {
  readonly id: string;
  readonly received: string;
  readonly sender: string;
  /** Absent for whom the server keeps subjects back. */
  readonly subject: string | undefined;
  readonly size: number;
  readonly rows: readonly TraceRow[];
  /** The worst that became of it. */
  readonly status: string;
}

/** Properties by which messages are sorted. */
export type TraceSortKey = "received" | "sender" | "recipient" | "subject" | "status" | "size";

/** The worse before the better: what wants a look stands for the message. */
const BY_URGENCY: readonly string[] = [
  "Failed",
  "Quarantined",
  "FilteredAsSpam",
  "Pending",
  "GettingStatus",
  "Delivered",
  "Expanded",
];

/** Puts the rows of each message together, as they come. */
export class TraceCollection {
  readonly #at = new Map<string, number>();
  readonly #messages: TracedMessage[] = [];
  #rowCount = 0;

  /** Rows so far. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Adds rows, in whatever order. */
  add(rows: readonly TraceRow[]): void {
    for (const row of rows) this.#addRow(row);
    this.#rowCount += rows.length;
  }

  /** The messages so far, in the order in which they came. */
  messages(): readonly TracedMessage[] {
    return this.#messages.slice();
  }

  #addRow(row: TraceRow): void {
    const id = String(row.MessageTraceId ?? "");
    const at = this.#at.get(id);
    const known = at === undefined ? undefined : this.#messages[at];
    if (at !== undefined && known !== undefined) {
      const rows = [...known.rows, row];
      this.#messages[at] = { ...known, rows, status: worstOf(known.status, row.Status ?? "") };
      return;
    }
    this.#at.set(id, this.#messages.length);
    this.#messages.push({
      id,
      received: row.Received ?? "",
      sender: row.SenderAddress ?? "",
      subject: row.Subject ?? undefined,
      size: row.Size ?? 0,
      rows: [row],
      status: row.Status ?? "",
    });
  }
}

/** The one of two states that wants a look sooner. */
function worstOf(left: string, right: string): string {
  return urgency(left) <= urgency(right) ? left : right;
}

function urgency(status: string): number {
  const at = BY_URGENCY.indexOf(status);
  return at < 0 ? BY_URGENCY.length : at;
}

/** How many recipients came to what, the worst first. */
export function statusCounts(
  rows: readonly TraceRow[],
): readonly { readonly status: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { Status } of rows) counts.set(Status ?? "", (counts.get(Status ?? "") ?? 0) + 1);
  return [...counts]
    .map(([status, count]) => ({ status, count }))
    .sort((left, right) => urgency(left.status) - urgency(right.status));
}

/** In that order; equal ones by time, the newest first. */
export function sortMessages(
  messages: readonly TracedMessage[],
  { key, isAscending }: { readonly key: TraceSortKey; readonly isAscending: boolean },
): readonly TracedMessage[] {
  const sign = isAscending ? 1 : -1;
  // Keys are made once: there may be as many as a table holds.
  const keyed = messages.map((message) => ({ message, by: sortKey(message, key) }));
  keyed.sort(
    (left, right) =>
      sign * compare(left.by, right.by) || compare(right.message.received, left.message.received),
  );
  return keyed.map(({ message }) => message);
}

function sortKey(message: TracedMessage, key: TraceSortKey): string | number {
  switch (key) {
    case "received":
      return message.received;
    case "sender":
      return message.sender.toLowerCase();
    case "recipient":
      return (message.rows[0]?.RecipientAddress ?? "").toLowerCase();
    case "subject":
      return (message.subject ?? "").toLowerCase();
    case "status":
      return urgency(message.status);
    case "size":
      return message.size;
  }
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
