import { readHeaderSection } from "../mail/header-section.ts";

/** The field that says what a server has found out (RFC 8601). */
export const RESULTS_FIELD = "Authentication-Results";

/**
 * Which Authentication-Results fields of a message, counted from 0 at the top, claim to be ours
 * (RFC 8601 §5): their authserv-id is `serverName`, read with comments, quotes and any case. What
 * cannot be read counts when our name stands before the first semicolon.
 */
export function findForgedResults(header: Uint8Array, serverName: string): readonly number[] {
  const wanted = plain(serverName);
  const forged: number[] = [];
  let position = 0;
  for (const { name, from, to } of readHeaderSection(header).fields) {
    if (name !== RESULTS_FIELD.toLowerCase()) continue;
    const text = Buffer.from(header.buffer, header.byteOffset + from, to - from).toString("latin1");
    if (claims(text.slice(text.indexOf(":") + 1), wanted)) forged.push(position);
    position += 1;
  }
  return forged;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.+$/, "");
}

function claims(text: string, wanted: string): boolean {
  const id = readServerId(text);
  if (id !== undefined) return plain(id) === wanted;
  const head = text.split(";", 1)[0] ?? "";
  return head.toLowerCase().includes(wanted);
}

/** The authserv-id of a value; `undefined` when a comment or quote does not end. */
function readServerId(text: string): string | undefined {
  const start = afterSpace(text, 0);
  if (start === undefined) return undefined;
  let id = "";
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === '"') {
      const end = quoteEnd(text, at);
      if (end === undefined) return undefined;
      id += text.slice(at + 1, end).replace(/\\([\s\S])/g, "$1");
      at = end + 1;
    } else if (/[\s;(/]/.test(char)) {
      break;
    } else {
      id += char;
      at += 1;
    }
  }
  return id;
}

/** Past white space and comments, which may be nested (RFC 5322 §3.2.2). */
function afterSpace(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "\\" && depth > 0) at += 1;
    else if (char === "(") depth += 1;
    else if (char === ")" && depth > 0) depth -= 1;
    else if (depth === 0 && !/\s/.test(char)) return at;
  }
  return depth === 0 ? text.length : undefined;
}

function quoteEnd(text: string, open: number): number | undefined {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return undefined;
}
