import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import type { ClientRecord, RunCall, RunClient } from "./run-client.ts";

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
      return call.whatIf ? records : writeFile(records, { ...file, to: resolve(path), call });
    },
  };
}

async function* writeFile(
  records: AsyncIterable<ClientRecord>,
  target: {
    readonly path: string;
    readonly content: string;
    readonly to: string;
    readonly call: RunCall;
  },
): AsyncGenerator<ClientRecord> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  let last: OutputObject | undefined;
  let bytes = 0;
  try {
    for await (const record of records) {
      if (record.kind === "object") {
        handle ??= await open(target.to, "wx", 0o600);
        const part = Buffer.from(String(record.value[target.content]), "base64");
        await handle.write(part);
        bytes += part.length;
        last = record.value;
        continue;
      }
      if (record.kind === "done" && last !== undefined) {
        await handle?.sync();
        const written = {
          [target.path]: target.to,
          [target.content]: null,
          Offset: 0,
          Bytes: bytes,
        };
        yield { kind: "object", value: { ...last, ...written } };
      }
      yield record;
    }
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const message = `${target.to} cannot be written: ${error.message}`;
    yield { kind: "failed", code: "bad-parameter", message, parameter: target.path };
  } finally {
    await handle?.close();
  }
}
