import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { cutParts } from "../../cmdlet/file-parts.ts";
import { FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import type { ObjectEdit, StoredObject } from "../../org/organization-editor.ts";
import { line, longText } from "../../org/settings/setting-types.ts";
import { TRANSPORT_RULE } from "../../org/settings/transport-rule.ts";
import { commandOf, type TakenRule, takeRule } from "./collected-properties.ts";
import { formatCommandBlock } from "./command-block.ts";
import { formatRuleCollection, parseRuleCollection } from "./rule-collection.ts";
import { RULE_READERS } from "./rule-parts.ts";
import type { RuleServices } from "./services.ts";

type Run = Invocation<RuleServices>;

const PATH_MAX = 4096;
/** Characters of a collection in base64: three quarters of that are 6 MiB. */
const FILE_CHARACTERS_MAX = 8 * 1024 * 1024;

const PART = {
  name: "TransportRuleCollection",
  properties: {
    Path: { kind: "text", doc: "The file that the command line has written." },
    Offset: { kind: "bytes", doc: "Where in the file this piece begins." },
    Bytes: { kind: "bytes", doc: "Its length." },
    FileData: { kind: "text", doc: "The bytes in base64; empty once they are in a file." },
  },
  table: ["Path", "Offset", "Bytes"],
} as const satisfies OutputType;

/** Export-TransportRuleCollection. */
export const exportTransportRuleCollection = defineCmdlet({
  name: "Export-TransportRuleCollection",
  summary: "Writes all mail flow rules into a file, in the form that Exchange has for them.",
  roles: RULE_READERS,
  effect: "reads",
  confirmation: "none",
  file: { path: "Path", content: "FileData" },
  examples: [
    { command: "Export-TransportRuleCollection -Path rules.xml", doc: "All rules, in order." },
  ],
  parameters: {
    Path: optionalParameter(
      line({ max: PATH_MAX }),
      "The file to write, on the machine where the command line runs; it must not be there yet.",
      { position: 0 },
    ),
  },
  output: PART,
  async *run({ services: { organization: editor } }: Run) {
    const stored = await editor.list("transportRule");
    const rules = editor.organization.transportRules.flatMap(({ name }) => {
      const found = stored.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (found === undefined) return [];
      return [{ name, id: name, command: formatCommandBlock(commandOf(found.properties)) }];
    });
    let offset = 0;
    for await (const part of cutParts(Buffer.alloc(0), inOne(formatRuleCollection(rules)))) {
      const FileData = part.toString("base64");
      yield { Path: null, Offset: offset, Bytes: part.length, FileData };
      offset += part.length;
    }
  },
});

async function* inOne(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}

const IMPORTED = {
  name: "ImportedTransportRule",
  properties: {
    Name: { kind: "text", doc: "The rule." },
    Result: {
      kind: "choice",
      choices: ["Imported", "ImportedDisabled", "Skipped"],
      doc: "Disabled where something of it could not be taken over, skipped where nothing could.",
    },
    Problems: { kind: "list", doc: "What could not be taken over." },
  },
  table: ["Name", "Result", "Problems"],
} as const satisfies OutputType;

interface Imported {
  readonly name: string;
  readonly taken: TakenRule;
}

/** Import-TransportRuleCollection. */
export const importTransportRuleCollection = defineCmdlet({
  name: "Import-TransportRuleCollection",
  summary: "Takes over the mail flow rules of a file that Exchange has written; the others go.",
  notes: [
    "As in Exchange, the rules of the file take the place of all that there are. Keep what there " +
      "is with Export-TransportRuleCollection.",
    "A rule of which a condition or an action is not known here would be another rule: it is " +
      "taken over switched off, and what is missing is told. Recipients must be addresses.",
  ],
  roles: ["Records Management"],
  effect: "changes",
  confirmation: "asks",
  inputFiles: [{ path: "Path", content: "FileData" }],
  inputBytesMax: FILE_CHARACTERS_MAX + 65_536,
  examples: [
    {
      command: "Import-TransportRuleCollection -Path rules.xml -WhatIf",
      doc: "What would come of it.",
    },
  ],
  parameters: {
    Path: optionalParameter(line({ max: PATH_MAX }), "The file, on the command line's machine.", {
      position: 0,
    }),
    FileData: optionalParameter(
      longText({ max: FILE_CHARACTERS_MAX }),
      "The file in base64, where there is no command line.",
    ),
    Force: FORCE,
  },
  output: IMPORTED,
  async plan(run: Run, input) {
    const { shown } = await importAll(run, input, "show");
    return planOf(shown);
  },
  async *run(run: Run, input) {
    const { all } = await importAll(run, input, "store");
    for (const { name, taken } of all) {
      const { properties, problems, isPartial } = taken;
      const result = isPartial ? ("ImportedDisabled" as const) : ("Imported" as const);
      yield {
        Name: name,
        Result: properties === undefined ? ("Skipped" as const) : result,
        Problems: problems,
      };
    }
  },
});

async function importAll(
  run: Run,
  input: { readonly fileData: string | undefined; readonly force: boolean },
  mode: "store" | "show",
): Promise<{ readonly all: readonly Imported[]; readonly shown: readonly ShownEdit[] }> {
  const all = readCollection(input.fileData);
  const { organization: editor } = run.services;
  const stored = await editor.list("transportRule");
  const shown = await runEdits(run, editsFor(all, stored), {
    mode,
    isForced: input.force,
    show({ before, after }): ShownEdit {
      const view = (one: StoredObject | undefined) => one && { stored: one.properties, shown: {} };
      const object = `TransportRule ${(before ?? after)?.name ?? ""}`;
      return { object, table: TRANSPORT_RULE, before: view(before), after: view(after) };
    },
  });
  return { all, shown };
}

function readCollection(fileData: string | undefined): readonly Imported[] {
  if (fileData === undefined) {
    throw new CmdletFault("bad-parameter", "give the file: -Path rules.xml", { parameter: "Path" });
  }
  const read = parseRuleCollection(Buffer.from(fileData, "base64"));
  if (!read.ok) throw new CmdletFault("bad-parameter", read.fault, { parameter: "FileData" });
  return read.value.map(({ name, command }) => ({
    name,
    taken:
      command === undefined
        ? { properties: undefined, problems: ["is not in the form of a cmdlet"], isPartial: true }
        : takeRule(name, command),
  }));
}

/** All rules go but those of the same name, which are changed; priorities are the file's order. */
function editsFor(
  all: readonly Imported[],
  stored: readonly StoredObject[],
): readonly ObjectEdit[] {
  const seen = new Set<string>();
  const put = all.flatMap(({ name, taken }): readonly ObjectEdit[] => {
    const { properties, isPartial } = taken;
    if (properties === undefined || seen.has(name.toLowerCase())) return [];
    seen.add(name.toLowerCase());
    const priority = String(seen.size - 1);
    return [
      {
        kind: "transportRule",
        name,
        change: () =>
          isPartial ? { ...properties, enabled: "false", priority } : { ...properties, priority },
      },
    ];
  });
  const gone = stored
    .filter(({ name }) => !seen.has(name.toLowerCase()))
    .map(({ name }): ObjectEdit => ({ kind: "transportRule", name, change: () => undefined }));
  return [...gone, ...put];
}
