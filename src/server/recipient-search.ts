import type { RecipientBatch, RecipientSearch } from "../cmdlets/recipients/recipient-search.ts";
import type { RecipientKind } from "../org/settings/object-kinds.ts";
import type { LogHost } from "./log-host.ts";
import type { RecipientPlace, RecipientReaderCalls } from "./recipient-calls.ts";

/** Searches in the log thread, of whatever moment: a new one can go on with any search. */
export function createRecipientSearch(
  host: Pick<LogHost, "remote">,
  file: string | undefined,
): RecipientSearch {
  return {
    async count(kinds) {
      const ask = (kind: RecipientKind) => host.remote.ask("countRecipients", kind);
      const counts = await Promise.all(kinds.map(ask));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async *search(query): AsyncGenerator<RecipientBatch> {
      const [first] = query.kinds;
      let from: RecipientPlace | undefined = first && { kind: first, after: "" };
      if (query.after !== undefined) from = { kind: query.after.kind, after: query.after.name };
      while (from !== undefined) {
        const request = { query, file, from };
        const batch: Awaited<ReturnType<typeof ask>> = await ask(host, request);
        from = batch.next;
        yield batch;
      }
    },
  };
}

function ask(
  { remote }: Pick<LogHost, "remote">,
  request: Parameters<RecipientReaderCalls["scanRecipients"]>[0],
) {
  return remote.ask("scanRecipients", request);
}
