import { downgradeContent } from "./downgrade.ts";

/** What content is converted to. */
export type Target = "7BIT" | "8BITMIME";

/** Content that comes in pieces of that size. */
export async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All of the converted content. */
export async function convert(source: AsyncIterable<Uint8Array>, to: Target): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of downgradeContent(source, to)) parts.push(part);
  return Buffer.concat(parts).toString("latin1");
}
