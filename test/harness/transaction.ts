import assert from "node:assert/strict";
import { type ClientReply, SmtpClient } from "./smtp-client.ts";

/** A transaction word for word: what follows `FROM:` and `TO:`, parameters and all. */
export interface RawTransaction {
  readonly from: string;
  readonly to: readonly string[];
  /** With CRLF line ends and no final dot; text is sent as UTF-8. */
  readonly content: string | Uint8Array;
  /** Sends with BDAT, in chunks of this many bytes, in place of DATA. */
  readonly chunkBytes?: number;
}

/** Sends one message in a session of its own, every step of which must succeed. */
export async function submit(port: number, transaction: RawTransaction): Promise<ClientReply> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const reply = await transact(client, transaction);
  await client.quit();
  return reply;
}

/** One transaction, every step of which must succeed, in a session that goes on. */
export async function transact(
  client: SmtpClient,
  { from, to, content, chunkBytes }: RawTransaction,
): Promise<ClientReply> {
  const bytes = Buffer.from(content);
  await commandUtf8(client, `MAIL FROM:${from}`);
  for (const recipient of to) await commandUtf8(client, `RCPT TO:${recipient}`);
  if (chunkBytes !== undefined) return sendChunks(client, bytes, chunkBytes);
  await client.command("DATA", 354);
  const stuffed = bytes.toString("latin1").replace(/(^|\r\n)\./g, "$1..");
  const ended = stuffed.endsWith("\r\n") ? stuffed : `${stuffed}\r\n`;
  client.sendRaw(Buffer.from(`${ended}.\r\n`, "latin1"));
  return client.expect(250);
}

function commandUtf8(client: SmtpClient, line: string): Promise<ClientReply> {
  client.sendRaw(Buffer.from(`${line}\r\n`));
  return client.expect(250);
}

async function sendChunks(
  client: SmtpClient,
  bytes: Buffer,
  chunkBytes: number,
): Promise<ClientReply> {
  assert.ok(bytes.length > 0);
  let reply: ClientReply = { code: 0, lines: [] };
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes);
    const last = start + chunkBytes >= bytes.length ? " LAST" : "";
    client.sendRaw(`BDAT ${chunk.length}${last}\r\n`);
    client.sendRaw(chunk);
    reply = await client.expect(250);
  }
  return reply;
}
