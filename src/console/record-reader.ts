import { MiB } from "../base/units.ts";
import type { ExecutionRecord } from "../cmdlet/execution.ts";

/** Characters of one record; a piece of an exported message is far below. */
const LINE_CHARACTERS_MAX = 16 * MiB;

/** The server sent something that is no record. */
export class RecordFault extends Error {
  override readonly name = "RecordFault";
}

/** Reads records, one JSON text a line, from text however it is cut. @throws RecordFault */
export async function* readRecords(chunks: AsyncIterable<string>): AsyncGenerator<ExecutionRecord> {
  // Pieces of a line that is not whole yet; joined once, however many they are.
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const lines = chunk.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      const whole = pieces.join("") + line;
      pieces = [];
      length = 0;
      if (whole.trim() !== "") yield parseRecord(whole);
    }
    pieces.push(last);
    length += last.length;
    if (length > LINE_CHARACTERS_MAX) throw new RecordFault("the server sent an endless line");
  }
  const rest = pieces.join("");
  if (rest.trim() !== "") yield parseRecord(rest);
}

function parseRecord(line: string): ExecutionRecord {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // Said below: no JSON is no record.
  }
  if (!isRecord(json)) throw new RecordFault("the server sent something that is no record");
  return json;
}

/** Whether each part that we look at is what it should be; kinds of a newer server are none. */
function isRecord(json: unknown): json is ExecutionRecord {
  if (!isObject(json)) return false;
  switch (json["kind"]) {
    case "object":
      return isObject(json["value"]);
    case "progress":
      return isProgress(json["progress"]);
    case "warning":
      return typeof json["text"] === "string";
    case "plan":
      return isPlan(json["plan"]);
    case "failed":
      return typeof json["code"] === "string" && typeof json["message"] === "string";
    case "done":
      return true;
    default:
      return false;
  }
}

function isProgress(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { activity, done, total, unit } = json;
  const isTotal = total === undefined || typeof total === "number";
  const isCounted = typeof done === "number" && isTotal;
  return typeof activity === "string" && typeof unit === "string" && isCounted;
}

function isPlan(json: unknown): boolean {
  if (!isObject(json) || typeof json["count"] !== "number") return false;
  const actions = json["actions"];
  return Array.isArray(actions) && actions.every((action) => typeof action === "string");
}

/** Whether it is a JSON object. */
export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
