/** Lines as a message: CRLF after each. */
export function lines(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\r\n`).join(""));
}

/** A multipart's lines: header, boundary lines, parts. */
export function multipart(
  type: string,
  parts: readonly (readonly string[])[],
  boundary = "b1",
): readonly string[] {
  return [
    `Content-Type: multipart/${type}; boundary="${boundary}"`,
    "",
    ...parts.flatMap((part) => [`--${boundary}`, ...part]),
    `--${boundary}--`,
  ];
}
