import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Clock, systemClock } from "../base/clock.ts";
import { type ReplayedStep, replayRecording } from "../diagnosis/session-replay.ts";
import { LogSearch } from "../logs/log-search.ts";
import { parseRecording } from "../logs/session-recording.ts";
import { wildcardPattern } from "../logs/text-pattern.ts";
import { createDirectory } from "../org/cached-directory.ts";
import { formatFault } from "../org/configuration-fault.ts";
import { StoredOrganization } from "../org/stored-organization.ts";
import type { SessionRecording } from "../smtp/session-tape.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { OrganizationSqlite } from "../store/organization-sqlite.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import { machineDefaults, readConfigurationFile } from "./configuration-file.ts";
import { openSecrets } from "./data-directory.ts";
import { LOG_KINDS } from "./log-kinds.ts";
import type { Terminal } from "./terminal.ts";

/** Something was answered differently. */
const EXIT_DIFFERENT = 3;

/** Why a replay cannot be made, in words for who asked for it. */
class ReplayFailure extends Error {}

/**
 * `postrider replay FILE|IDENTITY [--config FILE] [--data-dir DIR]`: what the server would answer
 * to a recorded session today. Nothing is sent anywhere. Exit code 0: the same; 3: not the same.
 */
export async function runReplay(
  words: readonly string[],
  defaults: { readonly dataDirectory: (option: string | undefined) => string },
  terminal: Terminal,
): Promise<number> {
  const text = { type: "string" } as const;
  const options = { config: text, "data-dir": text };
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [what, ...more] = positionals;
  if (what === undefined || more.length > 0) {
    terminal.complain("postrider: replay takes a file or the identity of a recorded session");
    return 2;
  }
  const dataDirectory = defaults.dataDirectory(values["data-dir"]);
  try {
    const recording = await findRecording(what, dataDirectory, systemClock);
    const store = await openOrganization(values.config, dataDirectory);
    return await replay(recording, { store, dataDirectory, terminal });
  } catch (error) {
    terminal.complain(`postrider: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function replay(
  recording: SessionRecording,
  parts: {
    readonly store: OrganizationStore;
    readonly dataDirectory: string;
    readonly terminal: Terminal;
  },
): Promise<number> {
  const { store, dataDirectory, terminal } = parts;
  const secrets = openSecrets(dataDirectory);
  const stored = new StoredOrganization({
    ...{ store, secrets, machine: machineDefaults(), file: undefined },
  });
  const built = await stored.open();
  if (!built.ok) throw new ReplayFailure(built.fault.map(formatFault).join("\n"));
  const directory = createDirectory(store);
  const steps = await replayRecording(recording, {
    organization: built.value,
    directory,
    clock: systemClock,
  });
  if (steps === undefined) {
    throw new ReplayFailure(
      `session ${recording.id} went out; only those that came in are replayed`,
    );
  }
  const { id, connector, remoteEndpoint, openedMs, reason } = recording;
  terminal.say(`Session ${id} of ${new Date(openedMs).toISOString()}`);
  terminal.say(`from ${remoteEndpoint} at ${JSON.stringify(connector)}: ${reason}`);
  terminal.say("");
  for (const line of steps.flatMap(tellStep)) terminal.say(line);
  const differenceCount = steps.filter(({ verdict }) => verdict === "different").length;
  const answers = differenceCount === 1 ? "answer differs" : "answers differ";
  terminal.say("");
  terminal.say(
    differenceCount === 0 ? "Every answer is the same." : `${differenceCount} ${answers}.`,
  );
  return differenceCount === 0 ? 0 : EXIT_DIFFERENT;
}

const MARKS = { same: " ", different: "!", unknown: "?" } as const;

function tellStep({ said, before, now, verdict }: ReplayedStep): readonly string[] {
  const lines = (text: string) => text.split("\r\n").join("\n           ");
  const head = `${MARKS[verdict]} < ${said}`;
  if (verdict === "same") return now === "" ? [head] : [head, `  >        ${lines(now)}`];
  const earlier = `${MARKS[verdict]} > then ${lines(before || "(nothing)")}`;
  return [head, earlier, `${MARKS[verdict]} > now  ${lines(now || "(not replayed)")}`];
}

async function findRecording(
  what: string,
  dataDirectory: string,
  clock: Clock,
): Promise<SessionRecording> {
  if (!/^[0-9A-Fa-f]{16}$/.test(what)) {
    const text = await readFile(what, "utf8");
    const found = text.split(/\r?\n/).flatMap((line) => parseRecording(line) ?? []);
    const [recording] = found;
    if (recording === undefined) throw new ReplayFailure(`${what} holds no recorded session`);
    if (found.length === 1) return recording;
    const ids = found.map(({ id }) => id).slice(-10);
    const text2 = `${what} holds ${found.length} sessions; name one of them: ${ids.join(" ")}`;
    throw new ReplayFailure(text2);
  }
  const { folder, prefix, form } = LOG_KINDS.session;
  const directory = join(dataDirectory, "logs", folder);
  const search = new LogSearch(
    { directory, prefix, form, clock },
    { conditions: [{ field: 0, pattern: wildcardPattern(what) }] },
  );
  for (;;) {
    const { rows, finished } = search.next();
    const recording = parseRecording(rows[0]?.values.at(-1) ?? "");
    if (recording !== undefined) {
      search.close();
      return recording;
    }
    if (finished) throw new ReplayFailure(`session ${what} is not recorded in ${directory}`);
  }
}

async function openOrganization(
  file: string | undefined,
  dataDirectory: string,
): Promise<OrganizationStore> {
  if (file === undefined) {
    return OrganizationSqlite.reading(join(dataDirectory, "organization.db"));
  }
  const read = await readConfigurationFile(file);
  if (!read.ok) throw new ReplayFailure(read.fault.join("\n"));
  const store = new MemoryOrganizationStore();
  const secrets = openSecrets(dataDirectory);
  const machine = machineDefaults();
  const stored = new StoredOrganization({ store, secrets, machine, file: undefined });
  const used = await stored.useFile(read.value);
  if (!used.ok) throw new ReplayFailure(used.fault.messages.join("\n"));
  return store;
}
