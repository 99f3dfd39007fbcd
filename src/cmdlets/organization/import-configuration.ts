import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { FORCE, takeEdited, warnAll } from "../../cmdlet/object-change.ts";
import { defaultedParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import type { Configuration } from "../../org/configuration.ts";
import { formatFault } from "../../org/configuration-fault.ts";
import type { ApplyOptions } from "../../org/organization-editor.ts";
import { integer, line, longText } from "../../org/settings/setting-types.ts";
import {
  auditedChange,
  CONFIGURATION_CHANGE,
  listChanges,
  listKept,
} from "./configuration-difference.ts";
import type { OrganizationServices } from "./services.ts";

/** Bytes of a file in JSON: a million mailboxes are about half of it. */
const INPUT_BYTES_MAX = 256 * 1024 * 1024;

/** There are passwords in it: no log may show it. */
const FILE_TEXT = { ...longText({ max: INPUT_BYTES_MAX }), isSecret: true };

/** `Import-PostriderConfiguration`, behind `postrider apply`. */
export const importConfiguration = defineCmdlet({
  name: "Import-PostriderConfiguration",
  summary: "Puts in what a configuration file declares, and leaves everything else as it is.",
  notes: [
    "An object of the file replaces the one of its kind and name as a whole: what the file does " +
      "not give of it has its default. Nothing is removed. The objects do not become the file's, " +
      "as those of `serve --config FILE` do.",
    "The file must be right by itself: a throttling policy that a mailbox names must be in it.",
    "All of it is checked before anything is stored. Up to 500 recipients are stored in one " +
      "transaction with everything else; more are stored 500 at a time, so that mail goes on " +
      "meanwhile. When that is cancelled or fails half-way, running it again does the rest.",
  ],
  roles: [],
  effect: "changes",
  confirmation: "none",
  inputBytesMax: INPUT_BYTES_MAX,
  examples: [
    {
      command: "postrider apply -f postrider.yaml --dry-run",
      doc: "Shows what would change, and ends with exit code 2 when anything would.",
    },
  ],
  parameters: {
    FileData: requiredParameter(FILE_TEXT, "The file's text (YAML)."),
    FileName: defaultedParameter(line({ max: 4096 }), "configuration", "As faults name the file."),
    DryRun: switchParameter("Puts out what would change and changes nothing."),
    IncludeKept: switchParameter(
      "Puts out what is stored and not in the file as well: it stays as it is.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 0, max: 1_000_000, unlimited: true }),
      "1000",
      "The most changes to put out; a warning counts the others.",
    ),
    Force: FORCE,
  },
  output: CONFIGURATION_CHANGE,
  async plan(run: Invocation<OrganizationServices>, input) {
    const { changes, count } = await apply(run, input, { mode: "show" });
    const lines = changes.map((one) => `${one.Change} ${one.Kind} ${one.Name}`.trim());
    return { actions: lines.slice(0, 20), count };
  },
  async *run(run: Invocation<OrganizationServices>, input) {
    const mode = input.dryRun ? "show" : "store";
    const { changes, count, comparison } = await apply(run, input, { mode });
    yield* changes;
    if (count > changes.length) run.warn(`${count - changes.length} more changes are not shown`);
    if (input.includeKept) {
      const kept = listKept(comparison, input.resultSize);
      yield* kept;
      const left = comparison.others.count - kept.length;
      if (left > 0) run.warn(`${left} more objects that are not in the file are not shown`);
    }
    if (!input.dryRun) for (const change of changes) run.changed(auditedChange(change));
  },
});

async function apply(
  run: Invocation<OrganizationServices>,
  input: {
    readonly fileData: string;
    readonly fileName: string;
    readonly force: boolean;
    readonly resultSize: number;
  },
  options: Pick<ApplyOptions, "mode">,
) {
  const { organization: editor } = run.services;
  const configuration = await parse(run, input);
  let changes: Awaited<ReturnType<typeof listChanges>> = [];
  const applied = takeEdited(
    await editor.apply(configuration, {
      ...options,
      ...(input.force && { override: "file" as const }),
      signal: run.signal,
      async compared(comparison) {
        changes = await listChanges(comparison, editor, input.resultSize);
      },
      progress: (done, total) =>
        run.progress({ activity: "Applying", done, total, unit: "objects" }),
    }),
  );
  warnAll(applied, run.warn);
  const { comparison } = applied;
  const count = comparison.objects.length + comparison.recipients.length;
  return { changes, count, comparison };
}

/** @throws CmdletFault with every fault of the file */
async function parse(
  { services }: Invocation<OrganizationServices>,
  { fileData, fileName }: { readonly fileData: string; readonly fileName: string },
): Promise<Configuration> {
  const parsed = await services.organization.parse(fileData, fileName);
  if (parsed.ok) return parsed.value;
  const message = parsed.fault.map(formatFault).join("\n");
  throw new CmdletFault("bad-parameter", message, { parameter: "FileData" });
}
