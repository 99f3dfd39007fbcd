import { sortInTurns } from "../base/sort-in-turns.ts";
import type { MessagePlace, MessageScope, QueueListing } from "../cmdlets/queues/services.ts";
import { PLACE_NUMBERS, type RecipientPlace } from "../store/queue-reader.ts";
import { FIXED_QUEUES } from "../store/queue-rows.ts";
import { LEASED_DUE_MS } from "../store/queue-store.ts";
import { formatQueueKey } from "../transport/queue/queue-key.ts";
import type { Whereabouts } from "../transport/queue/queue-views.ts";
import type { LogHost } from "./log-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** Recipients whose places are read at a time: a few milliseconds of the log thread. */
const PAGE_RECIPIENTS = 5_000;

interface PlaceParts {
  readonly logs: Pick<LogHost, "remote">;
  readonly supervisor: Pick<Supervisor, "remotes">;
  readonly list: () => Promise<Pick<QueueListing, "queues">>;
}

/** A recipient that a thread had in hand when its row was read. */
interface Held extends RecipientPlace {
  readonly queueId: number;
}

/** Every message in each of its queues, by the ids of both. */
export async function locatePlaces(
  { queue, signal }: Pick<MessageScope, "queue" | "signal">,
  parts: PlaceParts,
): Promise<readonly MessagePlace[]> {
  const { queues } = await parts.list();
  const known = new Set([...queues, ...FIXED_QUEUES].map(({ id }) => id));
  const idOf = new Map(
    [...queues, ...FIXED_QUEUES].map(({ id, key }) => [formatQueueKey(key), id]),
  );
  const found = new Map<number, number | number[]>();
  const held: Held[] = [];
  const add = (messageId: number, queueId: number) => {
    if (!known.has(queueId) || (queue !== undefined && queue.id !== queueId)) return;
    const others = found.get(messageId);
    if (others === undefined) found.set(messageId, queueId);
    else if (typeof others !== "number") {
      if (!others.includes(queueId)) others.push(queueId);
    } else if (others !== queueId) found.set(messageId, [others, queueId]);
  };
  for await (const rows of pages(parts)) {
    signal.throwIfAborted();
    for (let at = 0; at < rows.length; at += PLACE_NUMBERS) {
      const [messageId, queueId] = [rows[at] ?? 0, rows[at + 2] ?? 0];
      const isHeld = rows[at + 3] === LEASED_DUE_MS;
      if (isHeld) held.push({ messageId, position: rows[at + 1] ?? 0, queueId });
      else add(messageId, queueId);
    }
  }
  const whereabouts = await askThreads(parts, held);
  for (const { messageId, position, queueId } of held) {
    const place = whereabouts.get(messageId)?.find(({ positions }) => positions.includes(position));
    add(messageId, place === undefined ? queueId : (idOf.get(formatQueueKey(place.key)) ?? 0));
  }
  // What threads had in hand was found last.
  const byId = await sortInTurns([...found], ([left], [right]) => left - right);
  const places: MessagePlace[] = [];
  for (const [messageId, own] of byId) {
    if (typeof own === "number") places.push({ messageId, queue: { id: own } });
    else for (const id of own) places.push({ messageId, queue: { id } });
  }
  return places;
}

async function* pages({ logs }: PlaceParts): AsyncGenerator<Float64Array> {
  for (let after: RecipientPlace | undefined; ; ) {
    const page = { after, limit: PAGE_RECIPIENTS };
    const rows: Float64Array = await logs.remote.ask("storedPlaces", page);
    yield rows;
    if (rows.length < PAGE_RECIPIENTS * PLACE_NUMBERS) return;
    const [messageId = 0, position = 0] = rows.subarray(-PLACE_NUMBERS);
    after = { messageId, position };
  }
}

/** A thread that is being started anew says nothing: what it had counts where it is stored. */
async function askThreads(
  { supervisor }: PlaceParts,
  held: readonly Held[],
): Promise<ReadonlyMap<number, readonly Whereabouts[]>> {
  if (held.length === 0) return new Map();
  const ids = [...new Set(held.map(({ messageId }) => messageId))];
  const answers = await Promise.all(
    [...supervisor.remotes.values()].map((remote) =>
      remote.ask("whereabouts", ids).catch((): readonly Whereabouts[] => []),
    ),
  );
  return Map.groupBy(answers.flat(), ({ messageId }) => messageId);
}
