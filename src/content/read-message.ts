import { fault, ok, type Result } from "../base/result.ts";
import { decodeEncodedWords } from "../mail/encoded-word.ts";
import type { HeaderField } from "../mail/header-fields.ts";
import { parseMailboxList } from "../mail/mailbox-list.ts";
import { readBody } from "./body-text.ts";
import type { ContentLimitFault, ContentLimits } from "./content-limits.ts";
import { messageTypes } from "./message-types.ts";
import type {
  BodyText,
  ContentPart,
  MessageOddity,
  MessageView,
  ViewField,
  ViewMailbox,
} from "./message-view.ts";
import { allParts } from "./message-view.ts";
import { buildPart } from "./part-build.ts";
import { type ScannedPart, scanParts } from "./part-scan.ts";

/** Entries of one address field that are told. */
const MAILBOXES_MAX = 10_000;
const NAME_LENGTH_MAX = 1000;
const ENCODED_CHARSET = /=\?([!->@-~]{1,40})\?[bq]\?/gi;
/** Fields that may come once (RFC 5322 §3.6, RFC 2045 §3). */
const ONCE: ReadonlySet<string> = new Set([
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
]);

/**
 * Reads a message for those who decide by what it says. Linear in time and memory, total: every
 * message gives a view, or the bound that it goes beyond. What readers would show is in the view
 * also where the message breaks the rules of MIME.
 */
export function readMessage(
  content: Uint8Array,
  limits: ContentLimits,
): Result<MessageView, ContentLimitFault> {
  if (content.length > limits.messageBytesMax) {
    return fault({ limit: "messageBytesMax", max: limits.messageBytesMax });
  }
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const scanned = scanParts(bytes, limits);
  if (!scanned.ok) return scanned;
  const oddities = new Set<MessageOddity>();
  const root = buildPart(scanned.value, { bytes, oddities, isSealed: false });
  const decodedBytes = sum([...allParts(root)].map((part) => part.decodedBytes));
  if (decodedBytes > limits.decodedBytesMax) {
    return fault({ limit: "decodedBytesMax", max: limits.decodedBytesMax });
  }
  return ok(viewOf({ bytes, scanned: scanned.value, root, oddities, limits }));
}

interface Reading {
  readonly bytes: Buffer;
  readonly scanned: ScannedPart;
  readonly root: ContentPart;
  readonly oddities: Set<MessageOddity>;
  readonly limits: ContentLimits;
}

function viewOf({ bytes, scanned, root, oddities, limits }: Reading): MessageView {
  const { bodyParts, attachments } = sortLeaves(root);
  const bodies = bodyParts.map((part): BodyText => {
    const body = readBody(bytes, part, limits.textLengthMax);
    if (!body.isCharsetKnown) oddities.add("unknownCharset");
    return body.text;
  });
  const { fields } = scanned;
  noteRepeats(fields, oddities);
  const header = fields.map(
    (field): ViewField => ({
      name: field.name,
      originalName: field.originalName,
      raw: field.value,
      value: decodeEncodedWords(field.value),
    }),
  );
  const subject = header.find(({ name }) => name === "subject")?.value ?? "";
  return {
    bytes: bytes.length,
    header,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    subject: subject.replace(/[\0-\x1f\x7f]+/g, " ").trim(),
    from: readMailboxes(fields, "from"),
    to: readMailboxes(fields, "to"),
    cc: readMailboxes(fields, "cc"),
    root,
    bodies,
    attachments,
    types: messageTypes({
      header,
      root,
      bodies,
      parameters: scanned.contentType.parameters,
      smimeTypes: smimeTypes(scanned),
    }),
    oddities: [...oddities],
    charsets: charsetsOf(fields, root),
  };
}

/**
 * Which leaves a reader shows as the text of the message, and which as attached. Text with a file
 * name is attached, but not when it stands where the text is expected: a name would hide it then.
 */
function sortLeaves(root: ContentPart): {
  readonly bodyParts: readonly ContentPart[];
  readonly attachments: readonly ContentPart[];
} {
  const bodyParts: ContentPart[] = [];
  const attachments: ContentPart[] = [];
  const visit = (part: ContentPart, isTextPlace: boolean): void => {
    if (part.kind === "multipart") {
      const isAlternative = part.mediaType === "multipart/alternative";
      for (const [index, child] of part.children.entries()) {
        visit(child, isTextPlace && (isAlternative || index === 0));
      }
      return;
    }
    const isShown = isBody(part, isTextPlace);
    if (isShown) bodyParts.push(part);
    if (!isShown || part.disposition === "attachment" || part.fileName !== undefined) {
      attachments.push(part);
    }
  };
  visit(root, true);
  return { bodyParts, attachments };
}

function isBody(part: ContentPart, isTextPlace: boolean): boolean {
  // Readers show a message that is a single text whatever it says of itself.
  const isAttached = part.disposition === "attachment" && part.path !== "";
  if (part.kind !== "leaf" || isAttached) return false;
  if (part.mediaType.startsWith("multipart/")) return true;
  const isText = part.mediaType === "text/plain" || part.mediaType === "text/html";
  return isText && (isTextPlace || part.fileName === undefined);
}

function readMailboxes(fields: readonly HeaderField[], name: string): readonly ViewMailbox[] {
  return fields
    .filter((field) => field.name === name)
    .flatMap(({ value }) => parseMailboxList(value, MAILBOXES_MAX))
    .slice(0, MAILBOXES_MAX)
    .map(({ address, text, name: written }) => ({
      displayName: decodeEncodedWords(unquote(written.slice(0, NAME_LENGTH_MAX))),
      address,
      text,
    }));
}

function unquote(name: string): string {
  return name.replace(/"((?:[^"\\]|\\.)*)"/gs, (_, inner: string) =>
    inner.replace(/\\(.)/gs, "$1"),
  );
}

function noteRepeats(fields: readonly HeaderField[], oddities: Set<MessageOddity>): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) oddities.add("duplicateField");
    seen.add(name);
  }
}

function smimeTypes(part: ScannedPart): readonly string[] {
  const { value, parameters } = part.contentType;
  const isSmime = /^application\/(?:x-)?pkcs7-mime$/.test(value);
  // Outlook of old writes no smime-type; the name tells enveloped data from a signature.
  const own = isSmime ? [parameters.get("smime-type")?.toLowerCase() ?? "enveloped-data"] : [];
  return [...own, ...part.children.flatMap(smimeTypes)];
}

function charsetsOf(fields: readonly HeaderField[], root: ContentPart): readonly string[] {
  const found = new Set<string>();
  for (const part of allParts(root)) {
    if (part.charset !== undefined && part.charset !== "") found.add(part.charset);
  }
  for (const { value } of fields) {
    for (const [, label = ""] of value.matchAll(ENCODED_CHARSET)) {
      found.add((label.split("*", 1)[0] ?? "").toLowerCase());
    }
  }
  return [...found].slice(0, 200);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
