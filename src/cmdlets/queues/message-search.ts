import type { Filter } from "../../cmdlet/filter.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import type { LocatedMessage } from "../../transport/queue/queue-listing.ts";
import { findQueues } from "./identity.ts";
import { type MessageInfo, type MessageShowing, messageInfo } from "./message-info.ts";
import type { MessageScope, QueueDesk } from "./services.ts";

/** A message that was found, and as it is put out. */
export interface FoundMessage {
  readonly located: LocatedMessage;
  readonly info: MessageInfo;
}

/** What to find. */
export interface MessageSearch {
  readonly filter: Filter | undefined;
  readonly scope: MessageScope;
  readonly showing: Omit<MessageShowing, "serverName">;
}

/** Finds messages in the order of their ids; yields the matches of one page at a time. */
export async function* findMessages(
  desk: QueueDesk,
  { filter, scope, showing }: MessageSearch,
): AsyncGenerator<readonly FoundMessage[]> {
  const { nowMs } = showing;
  const matches = filter === undefined ? () => true : compileFilter(filter, { nowMs });
  const shown: MessageShowing = {
    ...showing,
    serverName: desk.serverName(),
    // A filter may look at what is not put out.
    ...(filter?.properties.has("Recipients") && { recipients: "shown" }),
  };
  const narrowed = await narrow(desk, filter, scope);
  for (const one of narrowed) {
    for await (const page of desk.messages(one)) {
      const found = page.map((located) => ({ located, info: messageInfo(located, shown) }));
      yield found.filter(({ info }) => matches(info));
    }
  }
}

/**
 * A filter that wants one queue needs no look at the others. A queue that is not there has nothing.
 */
async function narrow(
  desk: QueueDesk,
  filter: Filter | undefined,
  scope: MessageScope,
): Promise<readonly MessageScope[]> {
  const wanted = scope.queue === undefined ? queueOf(filter) : undefined;
  if (wanted === undefined) return [scope];
  const { queues } = await desk.list(scope.listing);
  try {
    const [queue, other] = findQueues(wanted, { serverName: desk.serverName(), queues });
    if (queue === undefined) return [];
    return other === undefined ? [{ ...scope, queue }] : [scope];
  } catch {
    return [];
  }
}

/** The queue that everything must be in for a filter to be true. */
function queueOf(filter: Filter | undefined): string | undefined {
  const root = filter?.root;
  const terms = root?.kind === "and" ? root.terms : root === undefined ? [] : [root];
  for (const term of terms) {
    if (term.kind !== "compare" || term.property !== "Queue" || term.operator !== "eq") continue;
    if (term.value.kind === "text") return term.value.text;
  }
  return undefined;
}
