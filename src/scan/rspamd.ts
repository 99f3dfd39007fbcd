import { fault, type Result } from "../base/result.ts";
import { HttpAnswerReader } from "./http-answer.ts";
import { parseRspamdAnswer, type RspamdRating } from "./rspamd-answer.ts";
import { formatScanEndpoint } from "./scan-endpoint.ts";
import type { ScanFault } from "./scan-fault.ts";
import type { ScanContent, ScanPeer } from "./scan-peer.ts";
import { talkTo } from "./scan-talk.ts";

/** What rspamd is told of the session and the envelope; what is not known is left out. */
export interface RspamdFacts {
  readonly clientAddress?: string | undefined;
  /** The client's name in DNS, if it leads back to its address. */
  readonly clientName?: string | undefined;
  readonly helo?: string | undefined;
  /** Without angle brackets; "" is the null sender. */
  readonly sender?: string | undefined;
  readonly recipients: readonly string[];
  /** Who has logged on. */
  readonly user?: string | undefined;
  readonly queueId?: string | undefined;
  /** Whose settings and statistics apply, for mail that goes to one mailbox. */
  readonly deliverTo?: string | undefined;
  /** Of the client's session. */
  readonly tls?: { readonly version: string; readonly cipher: string } | undefined;
  /** Our own name. */
  readonly mtaName?: string | undefined;
}

const ANSWER_BYTES_MAX = 1_048_576;
/** rspamd takes headers of a bounded length; more recipients tell it nothing new. */
const RECIPIENTS_MAX = 100;
const VALUE_MAX = 512;

/**
 * Has rspamd rate a message (POST /checkv2 over HTTP). Rejects only when the content cannot be
 * read.
 */
export async function scanByRspamd(
  peer: ScanPeer,
  message: { readonly content: ScanContent; readonly facts: RspamdFacts },
): Promise<Result<RspamdRating, ScanFault>> {
  const { content, facts } = message;
  const host = peer.endpoint.kind === "unix" ? "localhost" : formatScanEndpoint(peer.endpoint);
  const answered = await talkTo(peer, {
    reader: new HttpAnswerReader(ANSWER_BYTES_MAX),
    say: async (out) => {
      if (!(await out.write(formatRspamdRequest(facts, { host, bytes: content.bytes })))) return;
      for await (const piece of content.read()) if (!(await out.write(piece))) return;
    },
  });
  if (!answered.ok) return answered;
  const { status, body } = answered.value;
  if (status !== 200) return fault({ kind: "refused", text: `rspamd answers with ${status}` });
  return parseRspamdAnswer(body);
}

/** The head of a request; values from outside cannot become further fields. */
export function formatRspamdRequest(
  facts: RspamdFacts,
  request: { readonly host: string; readonly bytes: number },
): string {
  const { sender, recipients, tls } = facts;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["Host", request.host],
    ["Content-Length", String(request.bytes)],
    ["Connection", "close"],
    ["IP", facts.clientAddress],
    ["Hostname", facts.clientName],
    ["Helo", facts.helo],
    ["From", sender === "" ? "<>" : sender],
    ...recipients.slice(0, RECIPIENTS_MAX).map((recipient) => ["Rcpt", recipient] as const),
    ["User", facts.user],
    ["Queue-Id", facts.queueId],
    ["Deliver-To", facts.deliverTo],
    ["TLS-Version", tls?.version],
    ["TLS-Cipher", tls?.cipher],
    ["MTA-Name", facts.mtaName],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : `${name}: ${oneLine(value)}\r\n`,
  );
  return `POST /checkv2 HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function oneLine(value: string): string {
  return value.slice(0, VALUE_MAX).replace(/\p{Cc}+/gu, " ");
}
