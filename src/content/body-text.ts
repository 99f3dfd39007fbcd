import { decodeText } from "./charset.ts";
import { readHtmlText } from "./html-text.ts";
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
  const bytes = partContent(message, part);
  const kept = bytes.subarray(0, lengthMax * CHARACTER_BYTES_MAX);
  const { text: decoded, isKnown } = decodeText(kept, part.charset);
  const whole = decoded.replace(/\r\n?/g, "\n");
  const isCut = kept.length < bytes.length || whole.length > lengthMax;
  const text = (isCut ? whole.slice(0, lengthMax) : whole).toWellFormed();
  const common = { path: part.path, isCut };
  if (part.mediaType !== "text/html") {
    return {
      text: { ...common, kind: "plain", text, html: undefined, links: [] },
      isCharsetKnown: isKnown,
    };
  }
  const { text: shown, links } = readHtmlText(text, lengthMax);
  return {
    text: { ...common, kind: "html", text: shown, html: text, links },
    isCharsetKnown: isKnown,
  };
}
