import type { Filter } from "../../cmdlet/filter.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import type { LocatedMessage } from "../../transport/queue/queue-listing.ts";
import { findQueues } from "./identity.ts";
import {
  formatMessageIdentity,
  type MessageInfo,
  type MessageShowing,
  messageInfo,
  messageProperties,
} from "./message-info.ts";
import type { MessageScope, QueueDesk } from "./services.ts";

/** A message that was found, and as it is put out. */
export class FoundMessage {
  readonly located: LocatedMessage;
  readonly #showing: MessageShowing;

  constructor(located: LocatedMessage, showing: MessageShowing) {
    this.located = located;
    this.#showing = showing;
  }

  get info(): MessageInfo {
    return messageInfo(this.located, this.#showing);
  }

  get identity(): string {
    return formatMessageIdentity(this.located, this.#showing.serverName);
  }

  /** Some properties only. */
  read(names: Iterable<string>): OutputObject {
    return messageProperties(this.located, this.#showing, names);
  }
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
  const looked = filter?.properties ?? [];
  const narrowed = await narrow(desk, filter, scope);
  for (const one of narrowed) {
    for await (const page of desk.messages(one)) {
      const found = page.map((located) => new FoundMessage(located, shown));
      yield found.filter((one) => matches(one.read(looked)));
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
