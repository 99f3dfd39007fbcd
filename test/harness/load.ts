import { setTimeout as sleep } from "node:timers/promises";
import { SmtpClient } from "./smtp-client.ts";

/** Many sessions that send numbered messages until they are stopped or have sent enough. */
export interface LoadOptions {
  readonly port: number;
  readonly sessions: number;
  readonly messages: number;
  readonly recipient: string;
  /** Before the numbers, so that two loads differ. */
  readonly prefix: string;
  readonly contentBytes?: number;
}

/** What the load saw. */
export interface Load {
  /** Ids whose 250 came. */
  readonly acknowledged: ReadonlySet<string>;
  /** Ids whose content was sent without an answer: the connection ended first. */
  readonly uncertain: ReadonlySet<string>;
  /** Replies that were no 250, by their text. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Resolves when every message has been tried, or after `stop`. */
  readonly done: Promise<void>;
  stop(): void;
}

const RECONNECT_DELAY_MS = 50;

/** Starts sending; sessions that lose their connection open another one. */
export function startLoad(options: LoadOptions): Load {
  const acknowledged = new Set<string>();
  const uncertain = new Set<string>();
  const refusals = new Map<string, number>();
  let next = 0;
  let stopped = false;
  const filler = "x"
    .repeat(76)
    .concat("\r\n")
    .repeat(Math.ceil((options.contentBytes ?? 1024) / 78));

  const sendOne = async (client: SmtpClient, id: string): Promise<void> => {
    const header = `Message-ID: <${id}@load.test>\r\nX-Number: ${id}\r\nSubject: ${id}\r\n`;
    const content = `${header}\r\n${filler}`;
    const to = [options.recipient];
    const onContent = () => uncertain.add(id);
    const reply = await client.sendMessage({ from: "load@load.test", to, content, onContent });
    uncertain.delete(id);
    if (reply.code === 250) {
      acknowledged.add(id);
    } else {
      const text = `${reply.code} ${reply.lines.join(" ")}`;
      refusals.set(text, (refusals.get(text) ?? 0) + 1);
    }
  };

  const session = async (): Promise<void> => {
    while (!stopped && next < options.messages) {
      try {
        const client = await SmtpClient.open(options.port);
        await client.command("EHLO load.test", 250);
        while (!stopped && next < options.messages) {
          await sendOne(client, `${options.prefix}-${next++}`);
        }
        await client.quit();
      } catch {
        await sleep(RECONNECT_DELAY_MS); // the server is gone, or about to go: try again
      }
    }
  };

  const sessions = Array.from({ length: options.sessions }, session);
  return {
    acknowledged,
    uncertain,
    refusals,
    done: Promise.all(sessions).then(() => undefined),
    stop: () => {
      stopped = true;
    },
  };
}

/** The id that a message of the load carries. */
export function numberOf(content: string): string {
  return /^X-Number: (\S+)/m.exec(content)?.[1] ?? "";
}

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
