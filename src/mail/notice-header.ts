/** Octets of the original's header that go back; the rest is cut at a field. */
const RETURNED_HEADER_OCTETS_MAX = 256 * 1024;

/** Fields that say how our own organization routed the message (reference §6.2). */
const OURS_ALONE =
  /^x-ms-exchange-(?:organization|forest|crosspremises|crosstenant|antispam)-|^x-postrider-/i;

/**
 * The fields of a header as they go back to the sender, without those that are nobody's business
 * outside: octets as Latin 1, each line ending in CRLF, no NUL, no empty line.
 */
export function returnedHeader(header: Uint8Array): string {
  const octets = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
    .toString("latin1", 0, RETURNED_HEADER_OCTETS_MAX)
    .replaceAll("\0", "");
  const end = octets.search(/\r?\n\r?\n/);
  const fields = (end < 0 ? octets : octets.slice(0, end)).split(/\r?\n(?![ \t])/);
  return fields
    .filter((field) => field !== "" && !OURS_ALONE.test(field))
    .map((field) => `${field.split(/\r?\n|\r/).join("\r\n")}\r\n`)
    .join("");
}
