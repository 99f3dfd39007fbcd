import type { Reply } from "./reply.ts";

/** Octets of a reply line with its code and CRLF (RFC 5321 §4.5.3.1.5). */
export const REPLY_LINE_OCTETS_MAX = 512;

const NOT_PRINTABLE = /[^\x20-\x7e]/;
const EVERY_NOT_PRINTABLE = /[^\x20-\x7e]/g;

/**
 * The reply as it goes on the wire, ASCII, every line with code and CRLF; with enhanced status code
 * when `enhanced` (RFC 2034 §4). What could forge a line (CR, LF) or is not ASCII becomes "?", and
 * a text too long for one line goes on in the next: texts may quote a peer, who is not trusted.
 */
export function formatReply(reply: Reply, options: { readonly enhanced: boolean }): string {
  const status = options.enhanced && reply.status !== "" ? `${reply.status} ` : "";
  const room = REPLY_LINE_OCTETS_MAX - "250-".length - status.length - "\r\n".length;
  const [only] = reply.lines;
  if (reply.lines.length === 1 && only !== undefined) {
    // Nearly all replies. A challenge of SASL is one line, however long (RFC 4954 §4).
    if ((only.length <= room || reply.code === 334) && !NOT_PRINTABLE.test(only)) {
      return `${reply.code} ${status}${only}\r\n`;
    }
  }
  // The answer to EHLO comes this way: once or twice in every session, and never with odd lines.
  const isPlain = reply.lines.every((line) => line.length <= room && !NOT_PRINTABLE.test(line));
  const lines = isPlain
    ? reply.lines
    : reply.lines.flatMap((line) => fold(line.replace(EVERY_NOT_PRINTABLE, "?"), room));
  const last = Math.max(lines.length - 1, 0);
  let text = "";
  for (let index = 0; index < last; index += 1) {
    text += `${reply.code}-${status}${lines[index] ?? ""}\r\n`;
  }
  return `${text}${reply.code} ${status}${lines[last] ?? ""}\r\n`;
}

function fold(line: string, room: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start < line.length || start === 0; start += room) {
    parts.push(line.slice(start, start + room));
  }
  return parts;
}
