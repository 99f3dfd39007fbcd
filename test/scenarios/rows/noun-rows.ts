import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../../src/cmdlet/output-type.ts";
import type { CmdletRow, Given, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";

type Row = CmdletRow<EveryBench>;

/** A kind of object: what makes one of that name, and a change with what is shown of it then. */
export interface NounSample {
  readonly noun: string;
  /** What makes one; default: New. */
  readonly verb?: "New" | "Add";
  readonly given: (name: string) => Given | Promise<Given>;
  readonly change: readonly [property: string, value: string | number | boolean];
  /** Its identity; default: the name. */
  readonly identity?: (name: string) => string;
  /** Enable and Disable are rows too. */
  readonly isSwitched?: boolean;
}

/** What only Get tells, since it is counted and not stored. */
const COUNTED = ["HitCount", "HitsSince"];

function untold(made: OutputObject): OutputObject {
  const names = COUNTED.filter((name) => made[name] === null);
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Get, New, Set and Remove of it, each with an object of its own. */
export function nounRows(sample: NounSample): readonly Row[] {
  const { noun, verb: making = "New", given, change, isSwitched = false } = sample;
  const { identity = (name: string) => name } = sample;
  const [property, value] = change;
  const nameFor = (verb: string, via: Surface) => ownName(`${verb}${noun}`, via).toLowerCase();
  const made = (verb: string) => async (bench: EveryBench, via: Surface) => {
    const name = nameFor(verb, via);
    await runCmdlet(bench.server, `${making}-${noun}`, { ...(await given(name)) });
    return { Identity: identity(name) };
  };
  const shown = async ({ server }: EveryBench, Identity: unknown) => {
    const all = await runCmdlet(server, `Get-${noun}`);
    return all.find((one) => one["Identity"] === Identity);
  };
  const switches = isSwitched ? switchRows(noun, { made, shown }) : [];
  return [
    ...switches,
    {
      cmdlet: `${making}-${noun}`,
      given: async (_bench, via) => given(nameFor("new", via)),
      count: 1,
      async expect({ objects: [object], bench, given: asked, via }) {
        assert.equal(object?.["Identity"], identity(nameFor("new", via)));
        for (const [name, one] of Object.entries(asked)) assert.deepEqual(object[name], one);
        const seen = { ...(await shown(bench, object["Identity"])), ...untold(object) };
        assert.deepEqual(seen, object);
      },
    },
    {
      cmdlet: `Get-${noun}`,
      given: made("get"),
      count: 1,
      expect({ objects: [object], given: { Identity } }) {
        assert.equal(object?.["Identity"], Identity);
        assert.notEqual(object?.[property], value);
      },
    },
    {
      cmdlet: `Set-${noun}`,
      async given(bench, via) {
        const { Identity } = await made("set")(bench, via);
        const IfMatch = textOf((await shown(bench, Identity))?.["ETag"]);
        return { Identity, [property]: value, IfMatch };
      },
      count: 0,
      async expect({ bench, given: { Identity } }) {
        assert.equal((await shown(bench, Identity))?.[property], value);
      },
    },
    {
      cmdlet: `Remove-${noun}`,
      given: made("remove"),
      count: 0,
      async expect({ bench, given: { Identity } }) {
        assert.equal(await shown(bench, Identity), undefined);
      },
    },
  ];
}

/**
 * Get and Set of a kind of which there is one: a property, and its values by the two surfaces.
 */
export function singleRows([noun, property, typed, called]: readonly [
  noun: string,
  property: string,
  typed: string | boolean,
  called: string | boolean,
]): readonly Row[] {
  return [
    {
      cmdlet: `Set-${noun}`,
      given: async (_bench, via) => ({
        [property]: via === "rest" ? called : typed,
        Force: true,
      }),
      count: 0,
      async expect({ bench: { server }, via }) {
        const [object] = await runCmdlet(server, `Get-${noun}`);
        assert.equal(textOf(object?.[property]), String(via === "rest" ? called : typed));
      },
    },
    {
      cmdlet: `Get-${noun}`,
      count: 1,
      expect({ objects: [object] }) {
        assert.equal(textOf(object?.[property]), String(called));
      },
    },
  ];
}

/** Enable and Disable, each of an object that is not so yet. */
function switchRows(
  noun: string,
  of: {
    readonly made: (
      verb: string,
    ) => (bench: EveryBench, via: Surface) => Promise<{ readonly Identity: string }>;
    readonly shown: (bench: EveryBench, identity: unknown) => Promise<OutputObject | undefined>;
  },
): readonly Row[] {
  return ["Enable", "Disable"].map(
    (verb): Row => ({
      cmdlet: `${verb}-${noun}`,
      async given(bench, via) {
        const { Identity } = await of.made(verb)(bench, via);
        const Enabled = verb === "Disable";
        await runCmdlet(bench.server, `Set-${noun}`, { Identity, Enabled });
        return { Identity };
      },
      count: 0,
      async expect({ bench, given: { Identity } }) {
        assert.equal((await of.shown(bench, Identity))?.["Enabled"], verb === "Enable");
      },
    }),
  );
}
