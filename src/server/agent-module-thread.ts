import { type MessagePort, parentPort } from "node:worker_threads";
import type { HeaderField } from "../agent-api/agent-api.ts";
import { assert } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MiB } from "../base/units.ts";
import { parseHeaderFields } from "../mail/header-fields.ts";
import { PIPELINE_EVENTS } from "../org/agent-table.ts";
import type { ModuleFacts } from "../transport/agents/agent-report.ts";
import { BadAnswer } from "../transport/agents/answer-fields.ts";
import { readModuleAnswer } from "../transport/agents/module-answer.ts";
import type { ModuleSubject } from "../transport/agents/module-subject.ts";
import type {
  AgentModuleCalls,
  AgentModuleHostCalls,
  AgentModuleStart,
} from "./agent-module-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** What `content()` gives at most. */
const CONTENT_BYTES_MAX = 32 * MiB;
/** More of a header is not read from content; connectors take less. */
const HEADER_BYTES_MAX = MiB;
const FAULT_CHARACTERS_MAX = 2000;
const DESCRIPTION_CHARACTERS_MAX = 500;

type Handler = (event: unknown) => unknown;
type Host = Remote<AgentModuleHostCalls>;

const EVENTS: ReadonlySet<string> = new Set(PIPELINE_EVENTS.map(({ name }) => name));

/** The handlers of the module, once it is loaded. */
let handlers: Readonly<Record<string, Handler>> = {};
const open = new Map<number, AbortController>();
let streamCount = 0;

// The module may get hold of `parentPort`, never of the port by which it is asked.
assert(parentPort !== null, "a module's thread is a worker");
parentPort.once("message", (start: AgentModuleStart) => serve(start.port, start.url));

function serve(port: MessagePort, url: string): void {
  const calls: AgentModuleCalls = {
    load: () => attempt(async () => readModule(await import(url))),
    async question({ id, event, subject }) {
      const abort = new AbortController();
      open.set(id, abort);
      const answer = await attempt(async () => {
        const handler = handlers[event];
        // It hears less than when the server asked what it hears.
        if (handler === undefined) return undefined;
        const asked = questionOf(subject, { id, host, signal: abort.signal });
        return readModuleAnswer(event, await handler(asked));
      });
      open.delete(id);
      return answer;
    },
    over(id) {
      open.get(id)?.abort();
      open.delete(id);
    },
    ping() {},
  };
  const host = linkThreads<AgentModuleHostCalls>(port, calls);
}

/** Whatever goes wrong is the module's fault, and told in its words. */
async function attempt<Value>(work: () => Promise<Value>): Promise<Result<Value, string>> {
  try {
    return ok(await work());
  } catch (error) {
    return fault(faultOf(error));
  }
}

function faultOf(error: unknown): string {
  if (error instanceof BadAnswer) return `bad answer: ${error.message}`;
  try {
    const text = error instanceof Error ? ownStack(error) : String(error);
    return `it threw ${text}`.slice(0, FAULT_CHARACTERS_MAX);
  } catch {
    return "it threw something that cannot be shown";
  }
}

/** As far as it is the module's: who has called it says nothing. */
function ownStack({ stack = "", message }: Error): string {
  const lines = stack.split("\n");
  const end = lines.findIndex((line) => line.includes(import.meta.url));
  return (end < 0 ? lines : lines.slice(0, end)).join("\n") || message;
}

function readModule(module: { readonly default?: unknown }): ModuleFacts {
  const own = module.default;
  if (typeof own !== "object" || own === null) {
    throw new BadAnswer("the module has no default export that is an object with events");
  }
  for (const name of Object.keys(own)) {
    if (name !== "events" && name !== "description") {
      throw new BadAnswer(`default.${name} is not known; there are events and description`);
    }
  }
  const { events, description = "" } = own as { events?: unknown; description?: unknown };
  if (typeof description !== "string" || /[\p{Cc}\u2028\u2029]/u.test(description)) {
    throw new BadAnswer("default.description is not one line of text");
  }
  if (typeof events !== "object" || events === null) {
    throw new BadAnswer("default.events is not an object with a function for each event");
  }
  const found = Object.entries(events).filter(([, handler]) => handler !== undefined);
  if (found.length === 0) throw new BadAnswer("default.events is empty: it would hear nothing");
  for (const [name, handler] of found) {
    if (!EVENTS.has(name)) {
      throw new BadAnswer(
        `default.events.${name} is no event; there are ${[...EVENTS].join(", ")}`,
      );
    }
    if (typeof handler !== "function") {
      throw new BadAnswer(`default.events.${name} is not a function`);
    }
  }
  // Their `this` is the object that they stand in, as in any other call.
  handlers = Object.fromEntries(
    found.map(([name, handler]) => [name, (handler as Handler).bind(events)]),
  );
  return {
    description: description.slice(0, DESCRIPTION_CHARACTERS_MAX),
    events: PIPELINE_EVENTS.map(({ name }) => name).filter((name) => name in handlers),
  };
}

/** What the module gets: the views as they came, and ways to read what is not in them. */
function questionOf(
  subject: ModuleSubject,
  asked: { readonly id: number; readonly host: Host; readonly signal: AbortSignal },
): object {
  const { header, headerBytes, routing, bytes, ...views } = subject;
  const pieces = () => piecesOf(asked);
  return {
    ...views,
    ...routing,
    ...(header && {
      ...header,
      headers: async () => fieldsOf(headerBytes ?? (await headOf(pieces()))),
    }),
    ...(bytes !== undefined && {
      bytes,
      pieces,
      content: (bytesMax = CONTENT_BYTES_MAX) => wholeOf(pieces(), { bytes, bytesMax }),
    }),
    signal: asked.signal,
  };
}

async function* piecesOf(asked: {
  readonly id: number;
  readonly host: Host;
  readonly signal: AbortSignal;
}): AsyncGenerator<Uint8Array> {
  const { id, host, signal } = asked;
  streamCount += 1;
  const stream = streamCount;
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await host.ask("nextPiece", { id, stream });
      if (!next.ok) throw new Error(next.fault);
      if (next.value === undefined) return;
      yield next.value;
    }
  } finally {
    host.tell("endStream", { id, stream });
  }
}

async function wholeOf(
  pieces: AsyncIterable<Uint8Array>,
  { bytes, bytesMax }: { readonly bytes: number; readonly bytesMax: number },
): Promise<Uint8Array> {
  const most = Math.min(bytesMax, CONTENT_BYTES_MAX);
  if (bytes > most) throw new RangeError(`the content has ${bytes} octets, more than ${most}`);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for await (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function fieldsOf(header: Uint8Array): readonly HeaderField[] {
  return parseHeaderFields(header).map(({ originalName: name, value }) => ({ name, value }));
}

/** The header of content that is stored, as far as HEADER_BYTES_MAX. */
async function headOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  for await (const piece of pieces) {
    head = Buffer.concat([head, piece]);
    const end = head.indexOf("\r\n\r\n");
    if (end >= 0) return head.subarray(0, end + 2);
    if (head.length >= HEADER_BYTES_MAX) break;
  }
  return head.subarray(0, HEADER_BYTES_MAX);
}
