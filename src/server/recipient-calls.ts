import { matchRecipients } from "../cmdlets/recipients/recipient-match.ts";
import type { RecipientBatch, RecipientQuery } from "../cmdlets/recipients/recipient-search.ts";
import type { RecipientKind } from "../org/settings/object-kinds.ts";
import { recipientObject } from "../org/stored-object.ts";
import type { RecipientReader } from "../store/recipient-reader.ts";

/** Where a search goes on. */
export interface RecipientPlace {
  readonly kind: RecipientKind;
  /** The last name that was looked at; "" at the beginning. */
  readonly after: string;
}

/** What searches ask of the thread that reads the organization database beside the store. */
export type RecipientReaderCalls = {
  readonly countRecipients: (kind: RecipientKind) => number;
  /** Looks at some recipients: a few milliseconds, so that logs are written meanwhile. */
  readonly scanRecipients: (request: {
    readonly query: RecipientQuery;
    /** The file that the server was started with. */
    readonly file: string | undefined;
    readonly from: RecipientPlace;
  }) => RecipientBatch & { readonly next: RecipientPlace | undefined };
};

/** Recipients looked at in one call, and found. */
const EXAMINED_MAX = 1000;
const FOUND_MAX = 500;

/** Answers from the database. */
export function recipientReaderCalls(reader: RecipientReader): RecipientReaderCalls {
  return {
    countRecipients: (kind) => reader.count(kind),
    scanRecipients({ query, file, from }) {
      const matches = matchRecipients(query);
      const recipients = [];
      let [examinedCount, foundCount] = [0, 0];
      let after = from.after;
      let isEnd = true;
      for (const row of reader.read({ kind: from.kind, name: after }, EXAMINED_MAX)) {
        examinedCount += 1;
        after = row.name;
        const recipient = recipientObject(row, { file });
        if (matches(recipient)) {
          foundCount += 1;
          if (query.isCounted !== true) recipients.push(recipient);
        }
        if (examinedCount < EXAMINED_MAX && recipients.length < FOUND_MAX) continue;
        isEnd = false;
        break;
      }
      const nextKind = query.kinds[query.kinds.indexOf(from.kind) + 1];
      const nextPlace = nextKind && { kind: nextKind, after: "" };
      const next = isEnd ? nextPlace : { kind: from.kind, after };
      return { recipients, foundCount, examinedCount, next };
    },
  };
}
