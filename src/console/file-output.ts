import { type FileHandle, open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { OutputObject, OutputValue } from "../cmdlet/output-type.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import type { ClientRecord, RunClient } from "./run-client.ts";

/** What is exported may be anybody's mail. */
const FILE_MODE = 0o600;

/**
 * A client that writes the output of cmdlets which put out a file (`file` of their definition) to
 * the path that the caller has given, here, and hands on one object that says where. The server
 * never learns the path. The file must not be there yet, and is only read by its owner.
 */
export function withFileOutput(
  client: RunClient,
  findCmdlet: (name: string) => Pick<KnownCmdlet, "file"> | undefined,
): RunClient {
  return {
    run(call, signal) {
      const file = findCmdlet(call.cmdlet)?.file;
      const path = file === undefined ? undefined : call.parameters[file.path];
      if (file === undefined || typeof path !== "string") return client.run(call, signal);
      const { [file.path]: _kept, ...parameters } = call.parameters;
      const records = client.run({ ...call, parameters }, signal);
      return call.whatIf ? records : writeFile(records, { ...file, to: resolve(path) });
    },
  };
}

/** Names of the properties that hold the path and the bytes, and the file. */
interface FileTarget {
  readonly path: string;
  readonly content: string;
  readonly to: string;
}

/**
 * Writes the bytes of the objects to the file, which must not be there yet, and puts out one
 * object in place of them all. A run that fails leaves no file.
 */
async function* writeFile(
  records: AsyncIterable<ClientRecord>,
  { path, content, to }: FileTarget,
): AsyncGenerator<ClientRecord> {
  let file: FileHandle;
  try {
    file = await open(to, "wx", FILE_MODE);
  } catch (error) {
    yield fileFailure(to, error);
    return;
  }
  let first: OutputObject | undefined;
  let bytes = 0;
  let isDone = false;
  try {
    for await (const record of records) {
      if (record.kind === "object") {
        const piece = Buffer.from(textOf(record.value[content]), "base64");
        await file.appendFile(piece);
        first ??= record.value;
        bytes += piece.length;
        continue;
      }
      if (record.kind === "done") {
        await file.sync();
        isDone = true;
        const shown = { Bytes: bytes, [path]: to, [content]: null };
        if (first !== undefined) yield { kind: "object", value: { ...first, ...shown } };
      }
      yield record;
    }
  } catch (error) {
    isDone = false;
    yield fileFailure(to, error);
  } finally {
    await file.close();
    if (!isDone) await rm(to, { force: true });
  }
}

function fileFailure(path: string, error: unknown): ClientRecord {
  const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
  const reason = error instanceof Error ? error.message : String(error);
  const message = isThere ? `there is a file ${path} already` : `${path}: ${reason}`;
  return { kind: "failed", code: isThere ? "conflict" : "unavailable", message };
}

function textOf(value: OutputValue | undefined): string {
  return typeof value === "string" ? value : "";
}
