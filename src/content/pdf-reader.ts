import type { getDocumentProxy } from "unpdf";
import { MiB } from "../base/units.ts";
import { withAllocationGuard } from "./allocation-guard.ts";
import type { FileFindings, Look, OpenFile } from "./file-reader.ts";

/** What one stream of a PDF may unpack to: a page of text has some kilobytes. */
const STREAM_BYTES_MAX = 16 * MiB;
const ALL_STREAMS_BYTES_MAX = 128 * MiB;
/** Pages whose text is read. */
const PAGES_MAX = 2000;

/** Text of a PDF, page by page, up to the limit; whether it needs a password to be opened. */
export async function readPdf(file: OpenFile, look: Look): Promise<FileFindings> {
  const limits = { bytesMax: STREAM_BYTES_MAX, totalBytesMax: ALL_STREAMS_BYTES_MAX };
  // Loaded when there is something to read: half a second, and memory that most never need.
  const { getDocumentProxy: open, getResolvedPDFJS } = await import("unpdf");
  await getResolvedPDFJS();
  try {
    const { value, isExceeded } = await withAllocationGuard(limits, () =>
      readPages(open, { file, look }),
    );
    const outcome = isExceeded || value?.isCut === true ? "limitExceeded" : "read";
    return value === undefined ? { outcome } : { outcome, text: value.text };
  } catch (error) {
    const isPasswordProtected = error instanceof Error && error.name === "PasswordException";
    return { outcome: "unsupported", isPasswordProtected };
  }
}

interface PageText {
  readonly text: string;
  /** There are pages that were not looked at for want of time, or because they are too many. */
  readonly isCut: boolean;
}

async function readPages(
  open: typeof getDocumentProxy,
  { file, look }: { readonly file: OpenFile; readonly look: Look },
): Promise<PageText> {
  const { limits, wanted, budget } = look;
  const document = await open(new Uint8Array(file.bytes), {
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    maxImageSize: 0,
  });
  try {
    const pieces: string[] = [];
    let length = 0;
    const pageCount = wanted === "structure" ? 0 : Math.min(document.numPages, PAGES_MAX);
    let number = 1;
    for (; number <= pageCount && length < limits.textLengthMax && !budget.isLate; number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      for (const item of items) {
        if (!("str" in item)) continue;
        const text = item.hasEOL ? `${item.str}\n` : item.str;
        pieces.push(text);
        length += text.length;
      }
      pieces.push("\n");
      page.cleanup();
    }
    const text = pieces.join("").slice(0, limits.textLengthMax).toWellFormed();
    const isAllRead = wanted === "structure" || number > document.numPages;
    return { text, isCut: !isAllRead && length < limits.textLengthMax };
  } finally {
    await document.loadingTask.destroy();
  }
}
