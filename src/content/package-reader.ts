import { MiB } from "../base/units.ts";
import { readZipEntries } from "./archive-readers.ts";
import type { FileFindings, Look, OpenFile } from "./file-reader.ts";
import { FILE_TYPE } from "./file-type-detection.ts";
import type { FileProperty } from "./message-view.ts";
import { readDocumentProperties, readOpenDocumentText, readOpenXmlText } from "./office-text.ts";
import { listZip, type ZipEntry, type ZipListing } from "./zip-archive.ts";

/** Which parts of a document hold what. */
interface PackageFormat {
  readonly type: string;
  readonly text: RegExp;
  readonly properties: RegExp;
  readonly readText: (xml: string, lengthMax: number) => string;
}

const OPEN_XML_PROPERTIES = /^docProps\/(?:core|app|custom)\.xml$/;

const OPEN_XML_FORMATS: ReadonlyMap<string, PackageFormat> = new Map([
  [
    "word/",
    {
      type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      text: /^word\/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$/,
      properties: OPEN_XML_PROPERTIES,
      readText: readOpenXmlText,
    },
  ],
  [
    "xl/",
    {
      type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      text: /^xl\/(?:sharedStrings|worksheets\/[^/]+|comments\d*)\.xml$/,
      properties: OPEN_XML_PROPERTIES,
      readText: readOpenXmlText,
    },
  ],
  [
    "ppt/",
    {
      type: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
      text: /^ppt\/(?:slides|notesSlides|comments)\/[^/]+\.xml$/,
      properties: OPEN_XML_PROPERTIES,
      readText: readOpenXmlText,
    },
  ],
]);

/** The mimetype entry says it in the first place; its value is not believed beyond this form. */
const OPEN_DOCUMENT_TYPE = /^application\/vnd\.oasis\.opendocument\.[a-z-]{1,40}$/;
/** Of one part of a document that is read: as a string it is on the heap. */
const XML_BYTES_MAX = 16 * MiB;
const MIME_TYPE_BYTES_MAX = 100;
/** Embedded files of a document that are looked into as those of an archive are. */
const EMBEDDED = /(?:^|\/)embeddings\/[^/]+$/;

/**
 * Looks into a zip file: a document of Office or OpenDocument, whose text and properties are read,
 * a program of Java or Android, or an archive.
 */
export async function readPackage(file: OpenFile, look: Look): Promise<FileFindings> {
  const listing = await listZip(file.bytes, look.limits.fileCountMax);
  const names = new Set(listing.entries.map(({ name }) => name));
  if (names.has("[Content_Types].xml")) {
    for (const [folder, format] of OPEN_XML_FORMATS) {
      if (listing.entries.some(({ name }) => name.startsWith(folder))) {
        return readDocument(file, { listing, format }, look);
      }
    }
  }
  const type = await openDocumentType(listing, look);
  if (type !== undefined) {
    const format = { ...OPEN_DOCUMENT, type };
    const document = await readDocument(file, { listing, format }, look);
    const isPasswordProtected = await isOpenDocumentEncrypted(listing, look);
    return { ...document, isPasswordProtected };
  }
  const findings = await readZipEntries(file, listing, look);
  if (names.has("AndroidManifest.xml")) {
    return { ...findings, detectedType: FILE_TYPE.androidPackage };
  }
  const isJava = names.has("META-INF/MANIFEST.MF");
  return isJava ? { ...findings, detectedType: FILE_TYPE.javaArchive } : findings;
}

const OPEN_DOCUMENT = {
  text: /^content\.xml$/,
  properties: /^meta\.xml$/,
  readText: readOpenDocumentText,
};

async function openDocumentType(listing: ZipListing, look: Look): Promise<string | undefined> {
  const entry = listing.entries.find(({ name }) => name === "mimetype");
  if (entry === undefined || entry.bytes > MIME_TYPE_BYTES_MAX) return undefined;
  const content = await entry.read(look);
  const type = typeof content === "string" ? "" : content.toString("latin1").trim();
  return OPEN_DOCUMENT_TYPE.test(type) ? type : undefined;
}

async function isOpenDocumentEncrypted(listing: ZipListing, look: Look): Promise<boolean> {
  const entry = listing.entries.find(({ name }) => name === "META-INF/manifest.xml");
  const content = await entry?.read(look);
  return Buffer.isBuffer(content) && content.includes("encryption-data");
}

async function readDocument(
  file: OpenFile,
  { listing, format }: { readonly listing: ZipListing; readonly format: PackageFormat },
  look: Look,
): Promise<FileFindings> {
  const embedded = listing.entries.filter(({ name }) => EMBEDDED.test(name));
  const inner = await readZipEntries(file, { ...listing, entries: embedded }, look);
  if (look.wanted === "structure") return { ...inner, detectedType: format.type };
  const properties: FileProperty[] = [];
  let text = "";
  let { outcome } = inner;
  for (const entry of listing.entries) {
    const isText = format.text.test(entry.name);
    if (!isText && !format.properties.test(entry.name)) continue;
    const room = look.limits.textLengthMax - text.length;
    if (isText && room <= 0) continue;
    const xml = await readXml(entry, look);
    if (Buffer.isBuffer(xml) && xml.length > XML_BYTES_MAX) outcome = "limitExceeded";
    if (xml === "limitExceeded" || xml === "damaged") {
      outcome = xml === "damaged" ? "unsupported" : xml;
      continue;
    }
    const source = xml.toString("utf8", 0, XML_BYTES_MAX);
    if (isText) text += format.readText(source, room);
    else properties.push(...readDocumentProperties(source));
  }
  return { ...inner, outcome, detectedType: format.type, text, properties };
}

function readXml(entry: ZipEntry, look: Look): Promise<Buffer | "damaged" | "limitExceeded"> {
  return entry.isEncrypted ? Promise.resolve("damaged") : entry.read(look);
}
