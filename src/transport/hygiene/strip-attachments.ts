import type { ContentPart } from "../../content/message-view.ts";
import { lineEndBefore } from "../../content/splice.ts";

/**
 * A message with a text in place of each of these parts, all else byte for byte; `undefined` when
 * one cannot be taken out: the message itself, or what is signed or encrypted.
 */
export function stripAttachments(
  content: Buffer,
  parts: readonly ContentPart[],
  text: string,
): readonly Uint8Array[] | undefined {
  if (parts.some(({ path, isSealed }) => path === "" || isSealed)) return undefined;
  const inOrder = outermost(parts).toSorted(
    (one, other) => one.place.headerFrom - other.place.headerFrom,
  );
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { place, fileName } of inOrder) {
    const ending = Buffer.from(lineEndBefore(content, place.to));
    pieces.push(content.subarray(at, place.headerFrom), textPart(fileName, text), ending);
    at = place.to;
  }
  pieces.push(content.subarray(at));
  return pieces;
}

/** Without those that are in others of them. */
function outermost(parts: readonly ContentPart[]): readonly ContentPart[] {
  return parts.filter(
    (part) => !parts.some((other) => other !== part && part.path.startsWith(`${other.path}.`)),
  );
}

function textPart(fileName: string | undefined, text: string): Buffer {
  const base = (fileName ?? "").replaceAll(/[^\w.-]/g, "_").slice(0, 60) || "attachment";
  // RFC 2045 §6.8: lines of base64 have 76 characters at most.
  const encoded =
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  const lines = [
    `Content-Type: text/plain; charset=utf-8; name="${base}.txt"`,
    `Content-Disposition: attachment; filename="${base}.txt"`,
    "Content-Transfer-Encoding: base64",
    "",
    ...encoded,
  ];
  return Buffer.from(lines.join("\r\n"));
}
