import { isUtf8 } from "node:buffer";

/** Types that we tell apart ourselves and look into, or that decide what may pass. */
export const FILE_TYPE = {
  windowsProgram: "application/vnd.microsoft.portable-executable",
  unixProgram: "application/x-elf",
  macProgram: "application/x-mach-binary",
  javaClass: "application/java-vm",
  javaArchive: "application/java-archive",
  androidPackage: "application/vnd.android.package-archive",
  androidProgram: "application/vnd.android.dex",
  webAssembly: "application/wasm",
  script: "text/x-script",
  shortcut: "application/x.ms.shortcut",
  installer: "application/x-msi",
  compound: "application/x-cfb",
  zip: "application/zip",
  gzip: "application/gzip",
  tar: "application/x-tar",
  rar: "application/x-rar-compressed",
  sevenZip: "application/x-7z-compressed",
  pdf: "application/pdf",
  rtf: "application/rtf",
  html: "text/html",
  plain: "text/plain",
  message: "message/rfc822",
  signed: "application/pkcs7-mime",
} as const;

interface Magic {
  readonly type: string;
  /** Latin 1. */
  readonly bytes: string;
  readonly at?: number;
}

const MAGICS: readonly Magic[] = [
  { type: FILE_TYPE.unixProgram, bytes: "\x7fELF" },
  { type: FILE_TYPE.macProgram, bytes: "\xfe\xed\xfa\xce" },
  { type: FILE_TYPE.macProgram, bytes: "\xfe\xed\xfa\xcf" },
  { type: FILE_TYPE.macProgram, bytes: "\xce\xfa\xed\xfe" },
  { type: FILE_TYPE.macProgram, bytes: "\xcf\xfa\xed\xfe" },
  // A fat program of macOS begins so too, with a small count after it; both may not pass.
  { type: FILE_TYPE.javaClass, bytes: "\xca\xfe\xba\xbe" },
  { type: FILE_TYPE.androidProgram, bytes: "dex\n" },
  { type: FILE_TYPE.webAssembly, bytes: "\0asm" },
  { type: FILE_TYPE.script, bytes: "#!" },
  { type: FILE_TYPE.shortcut, bytes: "\x4c\0\0\0\x01\x14\x02\0" },
  { type: FILE_TYPE.compound, bytes: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
  { type: FILE_TYPE.zip, bytes: "PK\x03\x04" },
  { type: FILE_TYPE.zip, bytes: "PK\x05\x06" },
  { type: FILE_TYPE.zip, bytes: "PK00PK\x03\x04" },
  { type: FILE_TYPE.gzip, bytes: "\x1f\x8b" },
  { type: FILE_TYPE.rar, bytes: "Rar!\x1a\x07" },
  { type: FILE_TYPE.sevenZip, bytes: "7z\xbc\xaf\x27\x1c" },
  { type: FILE_TYPE.rtf, bytes: "{\\rt" },
  { type: FILE_TYPE.tar, bytes: "ustar", at: 257 },
];

/** Signed and encrypted content of S/MIME begin with the name of what they are (RFC 5652 §3). */
const CMS_NAME = Buffer.from("06092a864886f70d0107", "hex");
const CMS_HEAD_BYTES = 20;
const DER_SEQUENCE = 0x30;
/** A PDF's mark may stand anywhere here: readers look for it. */
const PDF_MARK_BYTES = 1024;
/** What the library is shown: its parsers read far into some files. */
const SAMPLE_BYTES = 64 * 1024;
const TEXT_SAMPLE_BYTES = 4096;
const HTML_START = /^\s*(?:<!--[^>]*-->\s*)?<(?:!doctype\s+html|html|head|body)\b/i;
const MESSAGE_START = /^(?:Received|Return-Path|From|Date|Subject|MIME-Version|Message-ID): /i;

/**
 * The media type of a file by what is in it; `undefined` when nothing is known of such bytes. What
 * its name or sender say plays no part. Never rejects.
 */
export async function detectFileType(bytes: Buffer): Promise<string | undefined> {
  for (const { type, bytes: magic, at = 0 } of MAGICS) {
    if (bytes.toString("latin1", at, at + magic.length) === magic) return type;
  }
  // A text may begin with these letters too; a program's header is full of zeros.
  if (bytes.toString("latin1", 0, 2) === "MZ" && bytes.subarray(0, 64).includes(0)) {
    return FILE_TYPE.windowsProgram;
  }
  if (bytes.subarray(0, PDF_MARK_BYTES).includes("%PDF-")) return FILE_TYPE.pdf;
  if (bytes[0] === DER_SEQUENCE && bytes.subarray(0, CMS_HEAD_BYTES).includes(CMS_NAME)) {
    return FILE_TYPE.signed;
  }
  try {
    const { fileTypeFromBuffer } = await import("file-type");
    const found = await fileTypeFromBuffer(Uint8Array.from(bytes.subarray(0, SAMPLE_BYTES)));
    // By two letters only: see above.
    if (found !== undefined && found.ext !== "exe") return found.mime;
  } catch {
    // It reads past the end of the sample.
  }
  return detectText(bytes);
}

/** The longest that can stand behind the end of a zip archive's list, and that itself. */
const ZIP_TAIL_BYTES = 65_536 + 22;
const ZIP_END = Buffer.from("PK\x05\x06");

/** Archivers find an archive by its end, whatever stands before it. */
function hasZipEnd(bytes: Buffer): boolean {
  return bytes.subarray(-ZIP_TAIL_BYTES).includes(ZIP_END);
}

function detectText(bytes: Buffer): string | undefined {
  const sample = bytes.subarray(0, TEXT_SAMPLE_BYTES);
  const mark = sample.toString("latin1", 0, 2);
  if (mark === "\xff\xfe" || mark === "\xfe\xff") return FILE_TYPE.plain;
  if (sample.includes(0)) return hasZipEnd(bytes) ? FILE_TYPE.zip : undefined;
  const text = sample.toString("latin1");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has hardly any of these.
  const controls = text.match(/[\x01-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0;
  if (controls > sample.length / 100) return undefined;
  if (hasZipEnd(bytes)) return FILE_TYPE.zip;
  if (HTML_START.test(text)) return FILE_TYPE.html;
  if (MESSAGE_START.test(text)) return FILE_TYPE.message;
  // Bytes beyond ASCII that are no UTF-8 may be text in another charset: mostly letters then.
  const high = isUtf8(sample) ? 0 : (text.match(/[\x80-\xff]/g)?.length ?? 0);
  return high > sample.length / 2 ? undefined : FILE_TYPE.plain;
}

const EXECUTABLE_TYPES: ReadonlySet<string> = new Set([
  FILE_TYPE.windowsProgram,
  FILE_TYPE.unixProgram,
  FILE_TYPE.macProgram,
  FILE_TYPE.javaClass,
  FILE_TYPE.javaArchive,
  FILE_TYPE.androidPackage,
  FILE_TYPE.androidProgram,
  FILE_TYPE.webAssembly,
  FILE_TYPE.script,
  FILE_TYPE.shortcut,
  FILE_TYPE.installer,
]);

/** Ends of names that systems run, although the bytes are plain text or look like anything. */
const EXECUTABLE_ENDS: ReadonlySet<string> = new Set(
  (
    "application appref-ms bat cmd com command cpl dll exe gadget hta inf jar js jse lnk msc msi " +
    "msp mst pif ps1 psm1 reg scf scr sh sys vb vbe vbs wsc wsf wsh"
  ).split(" "),
);

/** Whether a file is a program or script: by what is in it, or by a name that makes it one. */
export function isExecutableFile(name: string, detectedType: string | undefined): boolean {
  if (detectedType !== undefined && EXECUTABLE_TYPES.has(detectedType)) return true;
  // Windows passes over dots and spaces at the end of a name.
  const end = name
    .replace(/[. ]{1,100}$/, "")
    .split(".")
    .at(-1);
  return end !== name && EXECUTABLE_ENDS.has((end ?? "").toLowerCase());
}
