import { QuotedPrintableEncoder } from "../mail/transfer-encoding.ts";
import { setFieldValues } from "./header-value.ts";
import { allParts, type ContentPart, type MessageView } from "./message-view.ts";
import { transcode } from "./part-content.ts";
import { cannot, type RewriteResult } from "./rewrite-result.ts";
import { lineEndBefore, type Splice, spliceBytes } from "./splice.ts";

/** A text that stands where a part was. */
export interface PartReplacement {
  /** `path` of the part. */
  readonly path: string;
  readonly text: string;
  /** The name that the text has as a file: what was attached, with `.txt` behind it, say. */
  readonly fileName: string;
}

/**
 * Puts text files in the place of parts. All else stays byte for byte; the message's own header
 * keeps its fields, with other values where the message itself is the part.
 */
export function replaceParts(
  content: Uint8Array,
  view: MessageView,
  replacements: readonly PartReplacement[],
): RewriteResult {
  const splices: Splice[] = [];
  const wanted = new Map(replacements.map((each) => [each.path, each]));
  for (const replacement of wanted.values()) {
    const part = findPart(view, replacement.path);
    if (part === undefined) return cannot("noPart");
    if (part.isSealed) return cannot("sealed");
    const { headerFrom, to } = part.place;
    splices.push({ from: headerFrom, to, bytes: textPart(content, part, replacement) });
  }
  return { kind: "done", content: spliceBytes(content, outermost(splices)) };
}

/**
 * Takes parts out of their multiparts. A multipart that would be left without any keeps an empty
 * text; the message itself cannot be taken out.
 */
export function removeParts(
  content: Uint8Array,
  view: MessageView,
  paths: readonly string[],
): RewriteResult {
  const wanted = new Set(paths);
  for (const path of wanted) {
    const part = path === "" ? undefined : findPart(view, path);
    if (part === undefined) return cannot("noPart");
    if (part.isSealed) return cannot("sealed");
  }
  const splices = [...allParts(view.root)]
    .filter((part) => part.kind === "multipart")
    .flatMap((part) => removals(content, part, wanted));
  return { kind: "done", content: spliceBytes(content, outermost(splices)) };
}

function findPart(view: MessageView, path: string): ContentPart | undefined {
  return [...allParts(view.root)].find((part) => part.path === path);
}

/** A part goes with one of the boundaries around it: the one after it, or before the last. */
function removals(
  content: Uint8Array,
  { children }: ContentPart,
  wanted: ReadonlySet<string>,
): readonly Splice[] {
  const nothing = Buffer.alloc(0);
  const endingAt = (at: number) => Buffer.from(lineEndBefore(content, at));
  const lastKept = children.findLastIndex(({ path }) => !wanted.has(path));
  return children.flatMap(({ path, place }, index) => {
    if (!wanted.has(path)) return [];
    const next = children[index + 1];
    if (index < lastKept && next !== undefined) {
      return [{ from: place.headerFrom, to: next.place.headerFrom, bytes: nothing }];
    }
    const previous = children[index - 1];
    return previous === undefined
      ? [{ from: place.headerFrom, to: place.to, bytes: Buffer.from("\r\n") }]
      : [{ from: previous.place.to, to: place.to, bytes: endingAt(place.to) }];
  });
}

/** Without those that lie in others: what goes takes with it what is in it. */
function outermost(splices: readonly Splice[]): readonly Splice[] {
  return splices.filter(
    (one) =>
      !splices.some((other) => other !== one && other.from <= one.from && one.to <= other.to),
  );
}

function textPart(content: Uint8Array, part: ContentPart, replacement: PartReplacement): Buffer {
  const { headerFrom, bodyFrom } = part.place;
  const lines = replacement.text.toWellFormed().replace(/\r\n?|\n/g, "\r\n");
  const body = transcode(Buffer.from(lines), new QuotedPrintableEncoder());
  const fields = [
    { name: "Content-Type", value: "text/plain; charset=utf-8" },
    {
      name: "Content-Disposition",
      value: `attachment;\r\n ${fileNameParameter(replacement.fileName)}`,
    },
    { name: "Content-Transfer-Encoding", value: "quoted-printable" },
  ];
  if (part.path !== "") {
    const header = fields.map(({ name, value }) => `${name}: ${value}\r\n`).join("");
    const ending = lineEndBefore(content, part.place.to);
    return Buffer.concat([Buffer.from(`${header}\r\n`), body, Buffer.from(ending)]);
  }
  const own = content.subarray(headerFrom, bodyFrom);
  return Buffer.concat([
    setFieldValues(own, [{ name: "MIME-Version", value: "1.0" }, ...fields]),
    body,
    Buffer.from("\r\n"),
  ]);
}

const NAME_LENGTH_MAX = 150;
/** Characters that stand for themselves in a quoted string, and so in every reader. */
const PLAIN_NAME = /^[ !#-[\]-~]*$/;

/** `filename=` with a quoted string, or in the extended form beyond ASCII (RFC 2231 §4). */
function fileNameParameter(name: string): string {
  const short = [...name.toWellFormed()].slice(0, NAME_LENGTH_MAX).join("");
  if (PLAIN_NAME.test(short)) return `filename="${short}"`;
  const escaped = encodeURIComponent(short).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename*=utf-8''${escaped}`;
}
