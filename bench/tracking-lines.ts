import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { formatTrackingHeader } from "../src/transport/tracking/tracking-line.ts";

/** As many bytes as the log's default takes. */
const FILE_BYTES = 10 * 1024 * 1024;
const PART_BYTES = 256 * 1024;
const SENDERS = 200_000;
const RECIPIENTS = 1_000_000;
const DOMAINS = 20_000;
const STEP_MS = 7;

/** The sender of message `index`; each has sent about as many messages. */
export function senderOf(index: number): string {
  return `user${scatter(index, SENDERS)}@department${scatter(index, 40)}.contoso.test`;
}

/** Its recipient; each has got about as many messages. */
export function recipientOf(index: number): string {
  const at = scatter(index * 3 + 1, RECIPIENTS);
  return `person${at}@company${at % DOMAINS}.test`;
}

/** Its Message-ID. */
export function messageIdOf(index: number): string {
  const tail = (scatter(index, 0xffffff) + 0x1000000).toString(16);
  return `<${index.toString(36)}.${tail}@contoso.test>`;
}

/** Its network message id. */
export function networkIdOf(index: number): string {
  const tail = index.toString(16).padStart(12, "0");
  return `${(scatter(index, 0x7fffffff) + 0x80000000).toString(16)}-1111-4222-8333-${tail}`;
}

/**
 * Writes a tracking log as the server would: RECEIVE and SEND of each message, the second some
 * seconds behind the first. Fast: about a microsecond a line.
 */
export function generateLog(
  directory: string,
  wanted: { readonly events: number; readonly endMs: number },
): { readonly bytes: number; readonly files: number } {
  const messages = wanted.events / 2;
  const startMs = wanted.endMs - messages * STEP_MS;
  const header = formatTrackingHeader(startMs);
  const day = new Date(startMs).toISOString().slice(0, 10).replaceAll("-", "");
  let files = 0;
  let bytes = 0;
  for (let index = 0; index < messages; ) {
    files += 1;
    const file = openSync(join(directory, `MSGTRK${day}-${files}.LOG`), "w");
    let written = writeSync(file, header);
    while (written < FILE_BYTES - PART_BYTES && index < messages) {
      const lines: string[] = [];
      let length = 0;
      while (length < PART_BYTES - 2000 && index < messages) {
        const line = linesOf(index, startMs + index * STEP_MS);
        lines.push(line);
        length += line.length;
        index += 1;
      }
      written += writeSync(file, lines.join(""), undefined, "latin1");
    }
    closeSync(file);
    bytes += written;
  }
  return { bytes, files };
}

function linesOf(index: number, atMs: number): string {
  const time = new Date(atMs).toISOString();
  const id = 1_000_000 + index;
  const from = senderOf(index);
  const to = recipientOf(index);
  const client = `192.0.${scatter(index, 200)}.${index % 250}`;
  const ids = `${id},${messageIdOf(index)},${networkIdOf(index)},${to}`;
  const tail = `,4211,1,,,"Report ${index}, of the month",${from},${from}`;
  const origin = `Originating,,${client},127.0.0.1`;
  const log = `Email,${networkIdOf(index * 2)},15.00.0000.000\r\n`;
  return (
    `${time},${client},client.example,127.0.0.1,mail.contoso.test,,Application Relay,SMTP,` +
    `RECEIVE,${ids},To${tail},,${origin},,${log}` +
    `${time},127.0.0.1,mail.contoso.test,203.0.113.7,hop.test,,Smart Host,SMTP,SEND,${ids},` +
    `250 2.0.0 Taken as ${id}${tail},${time},${origin},` +
    "S:TlsVersion=TLSv1.3;S:TlsCipher=TLS_AES_256_GCM_SHA384;S:TlsPolicy=Opportunistic," +
    log
  );
}

/** A number below `limit`, the same for the same index, scattered all over. */
function scatter(index: number, limit: number): number {
  let mixed = Math.imul(index ^ (index >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % limit;
}
