const LINE_CHARACTERS = 76;

/** Base64 in lines of 76 characters, each with CRLF (RFC 2045 §6.8). */
export function base64Lines(bytes: Buffer): string {
  const text = bytes.toString("base64");
  let lines = "";
  for (let at = 0; at < text.length; at += LINE_CHARACTERS) {
    lines += `${text.slice(at, at + LINE_CHARACTERS)}\r\n`;
  }
  return lines;
}
