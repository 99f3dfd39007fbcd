/**
 * What a terminal would obey, or that would make text read otherwise than it is: C0 and C1, line
 * separators, marks that reorder text. Mail is written by strangers.
 */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Without anything that a terminal would obey: such characters become `\u001b` and so on. */
export function safeText(text: string): string {
  return text.toWellFormed().replace(UNSAFE, escapeCharacter);
}

/** As `safeText`, but a line end stays one: for texts of ours with several lines. */
export function safeLines(text: string): string {
  return text.split("\n").map(safeText).join("\n");
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** JSON, with the same characters escaped: it means the same, and may be shown. */
export function safeJson(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, undefined, indent) ?? "null";
  // JSON.stringify has escaped C0 already, and its own line ends must stay.
  return json.replace(UNSAFE, (character) =>
    character === "\n" ? character : escapeCharacter(character),
  );
}

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE_SCRIPTS = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u;
const WIDE_SIGNS = /^[\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]$/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE_SCRIPTS.test(character) || WIDE_SIGNS.test(character) ? 2 : 1;
}

/** At most so many columns; what is cut off is shown by `…`. */
export function truncateText(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Filled up with spaces to so many columns; the text stands on that side. */
export function padText(text: string, columns: number, side: "left" | "right"): string {
  const spaces = " ".repeat(Math.max(0, columns - displayWidth(text)));
  return side === "right" ? spaces + text : text + spaces;
}
