import type { TransferEncoding } from "../mail/mime-header.ts";
import type { ContentPart, MessageOddity } from "./message-view.ts";
import { base64Bytes, undoEncoding } from "./part-content.ts";
import { encodingName, firstValue, type ScannedPart } from "./part-scan.ts";
import { parseStructuredField, type StructuredField } from "./structured-field.ts";

/** What is known around a part. */
interface Surroundings {
  readonly bytes: Buffer;
  /** Where what is odd is noted. */
  readonly oddities: Set<MessageOddity>;
  readonly isSealed: boolean;
}

const ENCODINGS: ReadonlyMap<string, TransferEncoding> = new Map<string, TransferEncoding>([
  ["", "7bit"],
  ["7bit", "7bit"],
  ["7-bit", "7bit"],
  ["8bit", "8bit"],
  ["8-bit", "8bit"],
  ["8bits", "8bit"],
  ["binary", "binary"],
  ["quoted-printable", "quoted-printable"],
  ["base64", "base64"],
]);
const SEALED_TYPE = /^(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-mime)$/;
const FILE_NAME_LENGTH_MAX = 1000;

/** Turns a scanned part and all in it into what others see of it. */
export function buildPart(scanned: ScannedPart, around: Surroundings): ContentPart {
  const { contentType, kind } = scanned;
  const { value: mediaType, parameters } = contentType;
  const disposition = parseStructuredField(firstValue(scanned, "content-disposition") ?? "");
  const encoding = ENCODINGS.get(encodingName(scanned)) ?? "unknown";
  const [fileName, otherName] = fileNames(disposition, contentType);
  if (otherName !== undefined) around.oddities.add("twoNames");
  noteOddities(scanned, encoding, around.oddities);
  const isSealed = around.isSealed || SEALED_TYPE.test(mediaType);
  return {
    path: scanned.path,
    kind,
    mediaType: /^[^/]+\/[^/]+$/.test(mediaType) ? mediaType : "text/plain",
    charset: parameters.get("charset")?.trim().toLowerCase(),
    disposition:
      disposition.value === ""
        ? undefined
        : disposition.value === "inline"
          ? "inline"
          : "attachment",
    fileName,
    otherName,
    contentId: firstValue(scanned, "content-id")?.replace(/^<|>$/g, ""),
    boundary: kind === "multipart" ? parameters.get("boundary")?.trimEnd() : undefined,
    encoding,
    place: { headerFrom: scanned.headerFrom, bodyFrom: scanned.bodyFrom, to: scanned.to },
    decodedBytes: decodedBytes(scanned, around.bytes, encoding),
    isSealed,
    children: scanned.children.map((child) => buildPart(child, { ...around, isSealed })),
  };
}

function decodedBytes(part: ScannedPart, bytes: Buffer, encoding: TransferEncoding): number {
  if (part.kind === "multipart") return 0;
  const raw = bytes.subarray(part.bodyFrom, part.to);
  if (encoding === "base64") return base64Bytes(raw);
  return encoding === "quoted-printable" ? undoEncoding(raw, encoding).length : raw.length;
}

/** The disposition's name before that of the type (RFC 2183 §2.3); no name comes twice. */
function fileNames(disposition: StructuredField, type: StructuredField): readonly string[] {
  const names = [disposition.parameters.get("filename"), type.parameters.get("name")];
  return [...new Set(names.flatMap((name) => cleanName(name) ?? []))];
}

/** Folders before the name are not the sender's business, and are dangerous. */
function cleanName(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const last = name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\0-\x1f\x7f]/g, "")
    .split(/[/\\]/)
    .at(-1);
  return last === undefined || last.trim() === ""
    ? undefined
    : last.trim().slice(0, FILE_NAME_LENGTH_MAX).toWellFormed();
}

function noteOddities(
  part: ScannedPart,
  encoding: TransferEncoding,
  oddities: Set<MessageOddity>,
): void {
  const isComposite = part.contentType.value.startsWith("multipart/");
  if (part.contentType.isAmbiguous) oddities.add("ambiguousType");
  if (encoding === "unknown") oddities.add("unknownEncoding");
  if (isComposite && part.kind === "leaf") oddities.add("noBoundary");
  if (part.kind === "multipart" && (encoding === "base64" || encoding === "quoted-printable")) {
    oddities.add("encodedMultipart");
  }
}
