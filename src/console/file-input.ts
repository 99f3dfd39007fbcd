import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { fault, ok, type Result } from "../base/result.ts";
import { MiB } from "../base/units.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import { withFileOutput } from "./file-output.ts";
import type { RunCall, RunClient } from "./run-client.ts";

/** Nothing that a cmdlet takes is larger. */
const FILE_BYTES_MAX = 16 * MiB;

/**
 * A client that reads the files which parameters name (`inputFiles` of a cmdlet's definition) here
 * and sends what is in them. The server never learns the paths.
 */
export function withFileInput(
  client: RunClient,
  findCmdlet: (name: string) => Pick<KnownCmdlet, "inputFiles"> | undefined,
): RunClient {
  return {
    async *run(call, signal) {
      const read = await readFiles(call, findCmdlet(call.cmdlet)?.inputFiles ?? []);
      if (read.ok) {
        yield* client.run(read.value, signal);
        return;
      }
      const { parameter, message } = read.fault;
      yield { kind: "failed", code: "bad-parameter", message, parameter };
    },
  };
}

/** A client with a disk: reads and writes the files that parameters name. */
export function withLocalFiles(
  client: RunClient,
  findCmdlet: (name: string) => Pick<KnownCmdlet, "inputFiles" | "file"> | undefined,
): RunClient {
  return withFileInput(withFileOutput(client, findCmdlet), findCmdlet);
}

async function readFiles(
  call: RunCall,
  files: NonNullable<KnownCmdlet["inputFiles"]>,
): Promise<Result<RunCall, { readonly parameter: string; readonly message: string }>> {
  const parameters = { ...call.parameters };
  for (const { path, content } of files) {
    const named = parameters[path];
    if (typeof named !== "string") continue;
    if (content in parameters) {
      return fault({ parameter: path, message: `-${path} and -${content} exclude each other` });
    }
    const bytes = await readFile(resolve(named));
    if (!bytes.ok) return fault({ parameter: path, message: `-${path}: ${bytes.fault}` });
    delete parameters[path];
    parameters[content] = bytes.value.toString("base64");
  }
  return ok({ ...call, parameters });
}

async function readFile(path: string): Promise<Result<Buffer, string>> {
  try {
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      if (size > FILE_BYTES_MAX) return fault(`${path} is larger than ${FILE_BYTES_MAX} bytes`);
      // What grows meanwhile is cut off, and does not fit what it was to be.
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      return ok(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return fault(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
