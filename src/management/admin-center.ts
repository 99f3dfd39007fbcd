import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { type Answer, errorAnswer } from "./http-answer.ts";

/** Where the admin center is. */
export const ADMIN_ROOT = "/admin/";

/** What `web/build/build.ts` has made. */
const BUILT_FOLDER: string = join(import.meta.dirname, "../../web/dist");

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Best first. */
const CODINGS = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
] as const;

/** SHA-256 of nothing: Fluent makes empty style elements, and fills them by the object model. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/**
 * Nothing but files of ours runs, is shown or is talked to; no markup becomes script in any way
 * (Trusted Types); nobody frames it (CSP Level 3).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${EMPTY_STYLE}`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cache-control": "no-cache",
} as const;

const NOT_BUILT = errorAnswer(503, {
  code: "unavailable",
  message: 'the admin center has not been built: run "npm run build", then load this page again',
});

/** A request for a page or a file of the admin center. */
export interface PageRequest {
  /** Of the address, without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Answers what is asked under ADMIN_ROOT; `folder` is where the built files are. */
export function createAdminCenter(
  folder: string = BUILT_FOLDER,
): (request: PageRequest) => Promise<Answer | undefined> {
  return async ({ path, headers }) => {
    if (path === "/" || `${path}/` === ADMIN_ROOT) {
      return { status: 302, type: "text/plain", headers: { location: ADMIN_ROOT }, body: "" };
    }
    // Only names that the build gives: no path leads out of the folder.
    const asset = /^\/admin\/(assets\/[\w-]+\.(js|css|svg))$/.exec(path);
    if (asset !== null) {
      const [, name = "", extension = ""] = asset;
      const file = await readCoded(join(folder, name), headers);
      if (file === undefined) return undefined;
      // The name has a digest of what is in the file.
      const cached = { "cache-control": "public, max-age=31536000, immutable" };
      return fileAnswer(file, { type: TYPES[extension] ?? "", headers: cached });
    }
    if (path.startsWith(`${ADMIN_ROOT}assets/`)) return undefined;
    // Every other address is a page's, which the router in the browser finds.
    const page = await readCoded(join(folder, "index.html"), headers);
    if (page === undefined) return NOT_BUILT;
    return pageAnswer(page, headers);
  };
}

interface CodedFile {
  readonly bytes: Buffer;
  readonly coding: string | undefined;
}

function pageAnswer(page: CodedFile, headers: IncomingHttpHeaders): Answer {
  const digest = createHash("sha256").update(page.bytes).digest("base64url").slice(0, 22);
  const own = { ...PAGE_HEADERS, etag: `"${digest}"` };
  const type = "text/html; charset=utf-8";
  if (headers["if-none-match"] === own.etag) return { status: 304, type, headers: own, body: "" };
  return fileAnswer(page, { type, headers: own });
}

function fileAnswer(
  { bytes, coding }: CodedFile,
  { type, headers }: { readonly type: string; readonly headers: Readonly<Record<string, string>> },
): Answer {
  const coded = { ...headers, vary: "accept-encoding" };
  return {
    status: 200,
    type,
    headers: coding === undefined ? coded : { ...coded, "content-encoding": coding },
    body: bytes,
  };
}

/** The file as the client can take it, compressed when the build was; `undefined`: none. */
async function readCoded(
  path: string,
  { "accept-encoding": accepted = "" }: IncomingHttpHeaders,
): Promise<CodedFile | undefined> {
  const offered = String(accepted)
    .split(",")
    .map((one) => one.trim().toLowerCase());
  for (const { name, suffix } of CODINGS) {
    if (!offered.includes(name)) continue;
    const bytes = await readOrNothing(path + suffix);
    if (bytes !== undefined) return { bytes, coding: name };
  }
  const bytes = await readOrNothing(path);
  return bytes && { bytes, coding: undefined };
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) return undefined;
    throw error;
  }
}
