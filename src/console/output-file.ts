import { type FileHandle, open, rm } from "node:fs/promises";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import type { ClientRecord, RunCall } from "./run-client.ts";

/** What is exported may be anybody's mail. */
const FILE_MODE = 0o600;

/** Where the output of a cmdlet with `file` goes. */
export interface OutputFile {
  readonly path: string;
  /** The property with the bytes, and the one that names the file, as the type has them. */
  readonly content: string;
  readonly pathProperty: string;
}

/** The file that a call names, and the call without it: it is no business of the server's. */
export function takeOutputFile(
  { file }: Pick<KnownCmdlet, "file">,
  call: RunCall,
): { readonly call: RunCall; readonly outputFile: OutputFile | undefined } {
  const path = file === undefined ? undefined : call.parameters[file.path];
  if (file === undefined || typeof path !== "string") return { call, outputFile: undefined };
  const { [file.path]: _taken, ...parameters } = call.parameters;
  const outputFile = { path, content: file.content, pathProperty: file.path };
  return { call: { ...call, parameters }, outputFile };
}

/**
 * Writes the bytes of the objects to the file, which must not be there yet, and puts out one
 * object in place of them all. A run that fails leaves no file.
 */
export async function* writeOutputFile(
  records: AsyncIterable<ClientRecord>,
  { path, content, pathProperty }: OutputFile,
): AsyncGenerator<ClientRecord> {
  let file: FileHandle;
  try {
    file = await open(path, "wx", FILE_MODE);
  } catch (error) {
    yield fileFailure(path, error);
    return;
  }
  let first: OutputObject | undefined;
  let bytes = 0;
  let isDone = false;
  try {
    for await (const record of records) {
      if (record.kind === "object") {
        const piece = Buffer.from(String(record.value[content] ?? ""), "base64");
        await file.appendFile(piece);
        first ??= record.value;
        bytes += piece.length;
        continue;
      }
      if (record.kind === "done") {
        await file.sync();
        isDone = true;
        const shown = { Bytes: bytes, [pathProperty]: path, [content]: null };
        if (first !== undefined) yield { kind: "object", value: { ...first, ...shown } };
      }
      yield record;
    }
  } catch (error) {
    isDone = false;
    yield fileFailure(path, error);
  } finally {
    await file.close();
    if (!isDone) await rm(path, { force: true });
  }
}

function fileFailure(path: string, error: unknown): ClientRecord {
  const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
  const reason = error instanceof Error ? error.message : String(error);
  const message = isThere ? `there is a file ${path} already` : `${path}: ${reason}`;
  return { kind: "failed", code: isThere ? "conflict" : "unavailable", message };
}
