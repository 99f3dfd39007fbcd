import { decodeText } from "./charset.ts";
import { HTML_LENGTH_MAX, readHtmlText } from "./html-text.ts";
import type { BodyText, ContentPart } from "./message-view.ts";
import { partContent } from "./part-content.ts";

/** The longest that one character is in the charsets in use. */
const CHARACTER_BYTES_MAX = 4;

/** Text of a body, and whether its charset's label meant something. */
interface ReadBody {
  readonly text: BodyText;
  readonly isCharsetKnown: boolean;
}

/** Decodes the text of a body part, up to a length. */
export function readBody(message: Uint8Array, part: ContentPart, lengthMax: number): ReadBody {
  const isHtml = part.mediaType === "text/html";
  const sourceMax = isHtml ? HTML_LENGTH_MAX : lengthMax;
  const bytes = partContent(message, part);
  const kept = bytes.subarray(0, sourceMax * CHARACTER_BYTES_MAX);
  const { text: decoded, isKnown } = decodeText(kept, part.charset);
  const whole = decoded.replace(/\r\n?/g, "\n");
  const isCut = kept.length < bytes.length || whole.length > sourceMax;
  const source = (isCut ? whole.slice(0, sourceMax) : whole).toWellFormed();
  const { path } = part;
  if (!isHtml) {
    const text: BodyText = { path, kind: "plain", text: source, html: undefined, links: [], isCut };
    return { text, isCharsetKnown: isKnown };
  }
  const shown = readHtmlText(source, lengthMax);
  const html = source.slice(0, lengthMax).toWellFormed();
  return {
    text: { path, kind: "html", ...shown, html, isCut: isCut || shown.isCut },
    isCharsetKnown: isKnown,
  };
}
