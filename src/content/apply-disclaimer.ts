import { decodeText, encodeText } from "./charset.ts";
import { setFieldValues } from "./header-value.ts";
import { findHtmlPlaces } from "./html-places.ts";
import { readHtmlText } from "./html-text.ts";
import type { ContentPart, MessageView } from "./message-view.ts";
import { allParts } from "./message-view.ts";
import { partContent } from "./part-content.ts";
import type { RewriteResult } from "./rewrite-result.ts";
import { cannot } from "./rewrite-result.ts";
import { lineEndBefore, type Splice, spliceBytes } from "./splice.ts";
import { parseStructuredField } from "./structured-field.ts";
import { encodeBody } from "./text-encoding.ts";

/** A text that is put at the beginning or the end of a message's own. */
export interface Disclaimer {
  /** A piece of HTML, for HTML bodies; what it shows goes into plain ones. */
  readonly html: string;
  readonly place: "append" | "prepend";
}

const TEXT_LENGTH_MAX = 100_000;

/**
 * Puts a text into the bodies of a message: in both of an alternative, otherwise in the first.
 * Their charset and transfer encoding stay as long as they can carry it; every other part stays
 * byte for byte. What is signed or encrypted, and what has no text, is not touched.
 */
export function applyDisclaimer(
  content: Uint8Array,
  view: MessageView,
  disclaimer: Disclaimer,
): RewriteResult {
  const places = textPlaces(view.root);
  const sealed = [view.root, ...places].find((part) => part.isSealed);
  if (sealed !== undefined) return cannot("sealed");
  if (places.length === 0) return cannot("noText");
  const boundaries = [...allParts(view.root)].flatMap((part) => part.boundary ?? []);
  const splices: Splice[] = [];
  for (const part of places) {
    const spliced = rewriteBody(part, { content, disclaimer, boundaries });
    if (spliced === undefined) return cannot("unreadable");
    splices.push(spliced);
  }
  return { kind: "done", content: spliceBytes(content, splices) };
}

/** The parts that a reader is shown as the beginning of the message. */
function textPlaces(part: ContentPart): readonly ContentPart[] {
  if (part.kind === "multipart") {
    const shown =
      part.mediaType === "multipart/alternative" ? part.children : part.children.slice(0, 1);
    return shown.flatMap(textPlaces);
  }
  const isText = part.mediaType === "text/plain" || part.mediaType === "text/html";
  return part.kind === "leaf" && isText && part.disposition !== "attachment" ? [part] : [];
}

interface Rewriting {
  readonly content: Uint8Array;
  readonly disclaimer: Disclaimer;
  readonly boundaries: readonly string[];
}

/** `undefined`: its encoding or charset is not known, so that nothing can be said of its bytes. */
function rewriteBody(part: ContentPart, rewriting: Rewriting): Splice | undefined {
  if (part.encoding === "unknown") return undefined;
  const { content, disclaimer, boundaries } = rewriting;
  const body = partContent(content, part);
  const joined =
    part.mediaType === "text/html"
      ? joinHtml(body, part.charset, disclaimer)
      : joinPlain(body, part.charset, disclaimer);
  if (joined === undefined) return undefined;
  const { headerFrom, bodyFrom, to } = part.place;
  const { encoding, bytes } = encodeBody(joined.bytes, { encoding: part.encoding, boundaries });
  const header = content.subarray(headerFrom, bodyFrom);
  const isTyped = joined.charset !== undefined;
  const isSame = encoding === part.encoding && !isTyped;
  const isRoot = part.path === "";
  const changed = setFieldValues(header, [
    ...(isRoot && !isSame ? [{ name: "MIME-Version", value: "1.0" }] : []),
    ...(isTyped ? [{ name: "Content-Type", value: typeWith(header, part) }] : []),
    ...(isSame ? [] : [{ name: "Content-Transfer-Encoding", value: encoding }]),
  ]);
  const ending = Buffer.from(lineEndBefore(content, to));
  return { from: headerFrom, to, bytes: Buffer.concat([changed, bytes, ending]) };
}

/** A body with the text in it; `charset` when it had to become UTF-8. */
interface JoinedBody {
  readonly bytes: Buffer;
  readonly charset: "utf-8" | undefined;
}

function joinPlain(
  body: Buffer,
  charset: string | undefined,
  { html, place }: Disclaimer,
): JoinedBody | undefined {
  const shown = readHtmlText(html, TEXT_LENGTH_MAX).text;
  const added = shown.split("\n").map(stuffLine).join("\r\n");
  const label = charset ?? "us-ascii";
  const bytes = isAsciiBased(label) ? encodeBeside(added, label) : undefined;
  if (bytes !== undefined) return { bytes: join(body, bytes, place), charset: undefined };
  const decoded = decodeText(body, charset);
  if (!decoded.isKnown) return undefined;
  const text = Buffer.from(decoded.text);
  return { bytes: join(text, Buffer.from(added), place), charset: "utf-8" };
}

/** In any charset that is based on ASCII, ASCII is written the same, known or not. */
function encodeBeside(text: string, charset: string): Buffer | undefined {
  return encodeText(text, "us-ascii") ?? encodeText(text, charset);
}

/** Spaces at its end would flow a line into the next, some beginnings are not shown (RFC 3676). */
function stuffLine(line: string): string {
  const trimmed = line.trimEnd();
  return /^(?: |>|From )/.test(trimmed) ? ` ${trimmed}` : trimmed;
}

const CRLF = Buffer.from("\r\n");

function join(body: Buffer, added: Buffer, place: Disclaimer["place"]): Buffer {
  if (place === "prepend") return Buffer.concat([added, CRLF, body]);
  const isEnded = body.length === 0 || body.at(-1) === 10;
  const endsLine = body.at(-1) === 10;
  return Buffer.concat([body, ...(isEnded ? [] : [CRLF]), added, ...(endsLine ? [CRLF] : [])]);
}

/** Characters that the charset may lack are written as references, so that it never changes. */
function joinHtml(
  body: Buffer,
  charset: string | undefined,
  { html, place }: Disclaimer,
): JoinedBody | undefined {
  const isAscii = isAsciiBased(charset ?? "us-ascii");
  const decoded = isAscii ? undefined : decodeText(body, charset);
  if (decoded?.isKnown === false) return undefined;
  const source = decoded === undefined ? body.toString("latin1") : decoded.text;
  const { start, end } = findHtmlPlaces(source);
  const at = place === "append" ? end : start;
  const joined = source.slice(0, at) + asciiHtml(html) + source.slice(at);
  return decoded === undefined
    ? { bytes: Buffer.from(joined, "latin1"), charset: undefined }
    : { bytes: Buffer.from(joined), charset: "utf-8" };
}

function asciiHtml(html: string): string {
  const lines = html.toWellFormed().replace(/\r\n?|\n/g, "\r\n");
  return lines.replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0) ?? 63};`);
}

/** Whether ASCII bytes mean the same in it wherever they stand between its characters. */
function isAsciiBased(charset: string): boolean {
  return !/^(?:utf-?(?:16|32|7)|ucs-|iso-2022-|hz-|unicode|iso-10646|ibm0?(?:37|500|1047))/.test(
    charset,
  );
}

const CHARSET = /;(\s*)charset\s*=\s*(?:"[^"]*"|[^;\s"]*)/i;

/** The part's Content-Type with another charset, as little else changed as can be. */
function typeWith(header: Uint8Array, part: ContentPart): string {
  const text = Buffer.from(header).toString("latin1");
  const match = /^content-type[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)/im.exec(text);
  const value = match?.[1]?.trimEnd() ?? part.mediaType;
  const changed = CHARSET.test(value)
    ? value.replace(CHARSET, ";$1charset=utf-8")
    : `${value.replace(/;\s*$/, "")}; charset=utf-8`;
  const { parameters } = parseStructuredField(changed.replace(/\r?\n/g, ""));
  return parameters.get("charset") === "utf-8" ? changed : `${part.mediaType}; charset=utf-8`;
}
