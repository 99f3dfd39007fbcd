import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createCsvView } from "../csv-view.ts";
import { EXIT } from "../exit-code.ts";
import { createJsonView } from "../json-view.ts";
import type { OutputView } from "../output-view.ts";
import { readCsvRows } from "./csv-reader.ts";
import { inputOf, type LocalCall, type LocalCmdlet } from "./local-cmdlet.ts";
import { ShellFault } from "./shell-fault.ts";
import { isObjectValue, type ShellValue, typeOf, valueText } from "./shell-value.ts";
import { type ShownForm, showValues } from "./show-values.ts";

/** What is exported may be anybody's mail. */
const FILE_MODE = 0o600;

const PATH = { form: "value", position: 0, doc: "The file.", names: "files" } as const;
const NO_CLOBBER = { form: "switch", doc: "Refuses when the file is there already." } as const;
const APPEND = { form: "switch", doc: "Writes behind what is in the file." } as const;

const exportCsv: LocalCmdlet = {
  name: "Export-Csv",
  aliases: ["epcsv"],
  summary: "Writes objects to a file as CSV (RFC 4180), which only its owner may read.",
  parameters: {
    Path: PATH,
    NoClobber: NO_CLOBBER,
    NoTypeInformation: { form: "switch", doc: "As it is anyway; scripts say so." },
  },
  examples: ["Get-Message -ResultSize Unlimited | Export-Csv messages.csv"],
  async *run(call) {
    yield* [];
    const input = inputOf(call);
    await writeFile(call, async (write) => {
      for await (const text of formatObjects(input, call, "csv")) await write(text);
    });
  },
};

const importCsv: LocalCmdlet = {
  name: "Import-Csv",
  aliases: ["ipcsv"],
  summary: "Reads a CSV file; its first line has the names of the properties.",
  parameters: {
    Path: PATH,
    Delimiter: { form: "value", position: 1, doc: "Between two fields; default: a comma." },
  },
  examples: ["Import-Csv domains.csv | ForEach-Object { New-AcceptedDomain -Name $_.Name }"],
  async *run(call) {
    const path = await pathOf(call);
    const delimiter = (await call.given.text("Delimiter")) ?? ",";
    if (!/^[^"\r\n]$/u.test(delimiter)) {
      throw new ShellFault("-Delimiter is one character", { at: call.at });
    }
    const chunks = createReadStream(path, { encoding: "utf8" });
    let names: readonly string[] | undefined;
    try {
      for await (const row of readCsvRows(chunks, delimiter)) {
        if (names === undefined) {
          names = row.map((name, index) =>
            (index === 0 ? name.replace(/^\ufeff/, "") : name).trim(),
          );
          continue;
        }
        const cells = names.map((name, index) => [name, row[index] ?? ""] as const);
        yield { value: Object.fromEntries(cells) };
      }
    } catch (error) {
      throw fileFault(error, path);
    }
  },
};

const outFile: LocalCmdlet = {
  name: "Out-File",
  aliases: [],
  summary: "Writes to a file what would be shown, uncut; only its owner may read it.",
  parameters: { FilePath: PATH, Append: APPEND, NoClobber: NO_CLOBBER },
  examples: ["Get-Queue | Format-List | Out-File queues.txt"],
  async *run(call) {
    yield* [];
    await outToFile(call, undefined);
  },
};

/** Out-File, behind Format-Table or Format-List too. */
export async function outToFile(call: LocalCall, form: ShownForm | undefined): Promise<void> {
  const input = inputOf(call);
  const { screen, clock, line } = call.shell;
  await writeFile(call, async (write) => {
    const paper = { ...screen, width: undefined, hasColour: false, write };
    await showValues(input, { screen: paper, clock, line }, form);
  });
}

const convertToJson: LocalCmdlet = {
  name: "ConvertTo-Json",
  aliases: [],
  summary: "Makes one JSON array of all objects, also of one or none; its lines are texts.",
  parameters: {},
  examples: ["Get-Queue | ConvertTo-Json | Out-File queues.json"],
  run: (call) => textLines(formatObjects(inputOf(call), call, "json"), "\n"),
};

const convertToCsv: LocalCmdlet = {
  name: "ConvertTo-Csv",
  aliases: [],
  summary: "Makes CSV of objects, a text for each line.",
  parameters: { NoTypeInformation: { form: "switch", doc: "As it is anyway; scripts say so." } },
  examples: ["Get-Queue | ConvertTo-Csv"],
  run: (call) => textLines(formatObjects(inputOf(call), call, "csv"), "\r\n"),
};

/** Cmdlets that read and write files, and what is written to them. */
export const FILE_CMDLETS: readonly LocalCmdlet[] = [
  exportCsv,
  importCsv,
  outFile,
  convertToJson,
  convertToCsv,
];

/** Texts of a document with all properties of the first object. */
async function* formatObjects(
  values: AsyncIterable<ShellValue>,
  { name, at }: LocalCall,
  format: "csv" | "json",
): AsyncGenerator<string> {
  let view: OutputView | undefined;
  const openView = (first: ShellValue | undefined): OutputView => {
    const outputType = typeOf(first ?? { value: {} });
    const properties = Object.keys(outputType.properties);
    const options = { outputType, properties, width: undefined, hasColour: false };
    return format === "csv" ? createCsvView(options) : createJsonView(options);
  };
  for await (const item of values) {
    if (!isObjectValue(item.value)) {
      const shown = JSON.stringify(valueText(item.value).slice(0, 40));
      throw new ShellFault(`${name} takes objects with properties; ${shown} is none`, { at });
    }
    view ??= openView(item);
    yield view.push(item.value);
  }
  if (view !== undefined) yield view.end();
  else if (format === "json") yield openView(undefined).end();
}

async function* textLines(
  texts: AsyncIterable<string>,
  lineEnd: string,
): AsyncGenerator<ShellValue> {
  let rest = "";
  for await (const text of texts) {
    const lines = (rest + text).split(lineEnd);
    rest = lines.pop() ?? "";
    for (const line of lines) yield { value: line };
  }
  if (rest !== "") yield { value: rest };
}

async function writeFile(
  call: LocalCall,
  work: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const path = await pathOf(call);
  const { given } = call;
  const flags = (await given.isOn("NoClobber")) ? "wx" : (await given.isOn("Append")) ? "a" : "w";
  let file: FileHandle;
  try {
    file = await open(path, flags, FILE_MODE);
  } catch (error) {
    throw fileFault(error, path);
  }
  const write = async (text: string) => {
    try {
      await file.appendFile(text);
    } catch (error) {
      throw fileFault(error, path);
    }
  };
  try {
    await work(write);
  } finally {
    await file.close();
  }
}

/** -Path or -FilePath; `~` is the user's home. */
async function pathOf({ given, name, at }: LocalCall): Promise<string> {
  const path = (await given.text("Path")) ?? (await given.text("FilePath"));
  if (path === undefined || path === "") throw new ShellFault(`${name} needs a file`, { at });
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(path);
}

function fileFault(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") return error;
  const reason = error instanceof Error ? error.message : code;
  const message = code === "EEXIST" ? `there is a file ${path} already` : reason;
  return new ShellFault(message, { exitCode: EXIT.failed });
}
