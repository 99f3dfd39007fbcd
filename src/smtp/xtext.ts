const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;
const HEX_PAIR = /\+([0-9A-F]{2})/g;
const PRINTABLE = /^[\x20-\x7e]*$/;
const UTF8_ADDRESS_XTEXT = /^(?:[!-*,-<>-[\]-~\u0080-\u{10ffff}]|\\x\{[0-9A-F]{2,6}\})+$/u;
const EMBEDDED_CHARACTER = /\\x\{([0-9A-F]{2,6})\}/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/**
 * Decodes xtext (RFC 3461 §4). `undefined` when it is not xtext, or hides what is not printable
 * ASCII: an encoded CR or LF would end a header line of a notice.
 */
export function decodeXtext(text: string): string | undefined {
  if (!XTEXT.test(text)) return undefined;
  if (!text.includes("+")) return text;
  const decoded = text.replace(HEX_PAIR, (_pair, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return PRINTABLE.test(decoded) ? decoded : undefined;
}

/**
 * Decodes utf-8-addr-xtext and utf-8-addr-unitext (RFC 6533 §3). `undefined` for anything else, and
 * for control characters however they are written.
 */
export function decodeUtf8AddressXtext(text: string): string | undefined {
  if (!UTF8_ADDRESS_XTEXT.test(text)) return undefined;
  let valid = true;
  const decoded = text.replace(EMBEDDED_CHARACTER, (_match, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    valid &&= codePoint <= 0x10ffff;
    return valid ? String.fromCodePoint(codePoint) : "";
  });
  return valid && decoded.isWellFormed() && !CONTROL.test(decoded) ? decoded : undefined;
}
