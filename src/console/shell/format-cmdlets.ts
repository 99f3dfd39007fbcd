import { inputOf, type LocalCall, type LocalCmdlet } from "./local-cmdlet.ts";
import type { ShownForm } from "./show-values.ts";

/** A cmdlet that says how the end of a pipe is shown. */
interface FormatCmdlet extends LocalCmdlet {
  readonly format: ShownForm["format"];
}

const PARAMETERS = {
  Property: {
    form: "list",
    position: 0,
    doc: "Those to show, * for any letters.",
    names: "properties",
  },
  AutoSize: { form: "switch", doc: "As it is anyway; scripts say so." },
  Wrap: { form: "switch", doc: "Taken for scripts; texts are cut on a terminal all the same." },
} as const;

const formatTable: FormatCmdlet = {
  name: "Format-Table",
  aliases: ["ft"],
  summary: "Shows what comes out of the pipe as a table.",
  format: "table",
  parameters: PARAMETERS,
  examples: ["Get-Queue | Format-Table Identity,Status,LastError"],
  run: inputOf,
};

const formatList: FormatCmdlet = {
  name: "Format-List",
  aliases: ["fl"],
  summary: "Shows what comes out of the pipe as lists, a property a line.",
  format: "list",
  parameters: PARAMETERS,
  examples: ["Get-Queue | Format-List", "Get-Queue | Format-List Identity,*Count*"],
  run: inputOf,
};

/** They say how the end of a pipe is shown, and change nothing in it. */
export const FORMAT_CMDLETS: readonly LocalCmdlet[] = [formatTable, formatList];

/** Whether it is one of them. */
export function isFormat(cmdlet: LocalCmdlet | undefined): cmdlet is FormatCmdlet {
  return cmdlet === formatTable || cmdlet === formatList;
}

/** How such a call wants things shown. */
export async function readForm(
  { format }: FormatCmdlet,
  { given, at }: LocalCall,
): Promise<ShownForm> {
  const properties = await given.texts("Property");
  return { format, properties, at: given.node("Property")?.at ?? at };
}
