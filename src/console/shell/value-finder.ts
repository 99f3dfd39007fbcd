import type { Clock } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { CmdletTable } from "../../cmdlet/cmdlet-table.ts";
import type { RunClient } from "../run-client.ts";

/** Whoever presses TAB waits no longer. */
const TIMEOUT_MS = 2 * SECOND;
/** For so long what the server has said is taken for what it would say. */
const FRESH_MS = 5 * SECOND;
/** Values that are asked for and kept for a noun. */
const VALUES_MAX = 200;
const NOUNS_MAX = 50;

/** Besides the identity: what a cmdlet also takes for it, and is easier to type. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { Queue: ["NextHopDomain"] };

/** Asks the server for the values of a parameter, by the noun whose Get cmdlet lists them. */
export class ValueFinder {
  readonly #parts: {
    readonly client: RunClient;
    readonly clock: Clock;
    readonly cmdlets: CmdletTable<never>;
  };
  readonly #known = new Map<
    string,
    { readonly atMs: number; readonly values: readonly string[] }
  >();

  constructor(parts: {
    readonly client: RunClient;
    readonly clock: Clock;
    readonly cmdlets: CmdletTable<never>;
  }) {
    this.#parts = parts;
  }

  /** The values that begin so, as far as there are not too many; none when it takes too long. */
  async find(noun: string, prefix: string): Promise<readonly string[]> {
    const cmdlet = this.#parts.cmdlets.find(`Get-${noun}`);
    if (cmdlet === undefined) return [];
    const names = ["Identity", "Name", ...(OTHER_NAMES[noun] ?? [])].filter((name) =>
      Object.hasOwn(cmdlet.output.properties, name),
    );
    const { parameters } = cmdlet;
    const size: Readonly<Record<string, string>> = Object.hasOwn(parameters, "ResultSize")
      ? { ResultSize: String(VALUES_MAX) }
      : {};
    const values = await this.#ask(noun, { cmdlet: cmdlet.name, parameters: size, names });
    const isCut = values.length >= VALUES_MAX && Object.hasOwn(parameters, "Filter");
    const [name] = names;
    if (!isCut || prefix === "" || name === undefined) return values;
    const Filter = `${name} -like '${prefix.replaceAll("'", "''")}*'`;
    return this.#ask(`${noun} ${prefix}`, {
      cmdlet: cmdlet.name,
      parameters: { ...size, Filter },
      names,
    });
  }

  async #ask(
    key: string,
    {
      cmdlet,
      parameters,
      names,
    }: {
      readonly cmdlet: string;
      readonly parameters: Readonly<Record<string, string>>;
      readonly names: readonly string[];
    },
  ): Promise<readonly string[]> {
    const { client, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const known = this.#known.get(key);
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.values;
    const late = new AbortController();
    const timer = clock.startTimer(TIMEOUT_MS, () => late.abort());
    const values = new Set<string>();
    for await (const record of client.run({ cmdlet, parameters, whatIf: false }, late.signal)) {
      if (record.kind !== "object") continue;
      for (const name of names) {
        const value = record.value[name];
        if (typeof value === "string" && value !== "") values.add(value);
      }
      if (values.size >= 2 * VALUES_MAX) break;
    }
    timer.cancel();
    if (this.#known.size >= NOUNS_MAX) this.#known.clear();
    this.#known.set(key, { atMs: nowMs, values: [...values] });
    return [...values];
  }
}
