import { isUtf8 } from "node:buffer";
import type { CustomText } from "./custom-text.ts";
import { formatDate } from "./date.ts";
import { escapeHtml } from "./html-escape.ts";
import type { NoticeInput, NoticeRecipient } from "./notice-input.ts";
import { cleanText, reportStatus } from "./notice-report.ts";
import { noticeTexts, selectReason } from "./notice-text.ts";
import type { Reason } from "./notice-words.ts";

/** Recipients that people are shown; the machine part lists the rest. */
export const SHOWN_RECIPIENTS_MAX = 1000;
/** Characters of a reply that people are shown. */
const SHOWN_RESPONSE_LENGTH_MAX = 1000;
/** Characters of the original's header that people are shown. */
const SHOWN_HEADER_LENGTH_MAX = 16 * 1024;

/** The human part of a notice, once as text and once as HTML, both with CRLF. */
export interface HumanPart {
  readonly text: string;
  readonly html: string;
}

/** What the reader sees, in order, before it becomes text or HTML. All of it may be hostile. */
type Block =
  | { readonly kind: "heading" | "subheading" | "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "fields"; readonly fields: readonly (readonly [string, string])[] }
  | { readonly kind: "verbatim"; readonly text: string }
  /** Of our own administrators: its mark-up stays. */
  | { readonly kind: "custom"; readonly words: CustomText };

/**
 * Says in plain words what happened, to whom, what the reader can do and who can fix it; then, for
 * administrators, what the servers said (reference §6.2). `header` is what `returnedHeader` gives.
 */
export function formatHumanPart(input: NoticeInput, header: string): HumanPart {
  const isShown = input.diagnostics !== "withheld";
  const blocks = [...plainBlocks(input), ...(isShown ? diagnosticBlocks(input, header) : [])];
  const { heading } = noticeTexts(input.language).kinds[input.kind];
  return {
    text: blocks.map(blockText).join("\r\n"),
    html:
      `<!DOCTYPE html>\r\n<html lang="${input.language}">\r\n<head><meta charset="utf-8">` +
      `<title>${escapeHtml(heading)}</title></head>\r\n` +
      '<body style="font-family: sans-serif; font-size: 11pt; color: #222; background: #fff">\r\n' +
      `${blocks.map(blockHtml).join("\r\n")}\r\n</body>\r\n</html>\r\n`,
  };
}

function plainBlocks(input: NoticeInput): readonly Block[] {
  const { kinds, labels } = noticeTexts(input.language);
  const { heading, intro, outro } = kinds[input.kind];
  const subject = cleanText(input.original.subject) || labels.noSubject;
  const blocks: Block[] = [
    { kind: "heading", text: heading },
    {
      kind: "fields",
      fields: [
        [labels.subject, subject],
        [labels.sent, formatDate(input.arrivalMs, "utc")],
      ],
    },
    { kind: "paragraph", text: intro },
  ];
  for (const [reason, recipients] of groupByReason(input)) {
    blocks.push({ kind: "list", items: recipients.map((each) => recipientItem(each, input)) });
    if (reason !== undefined) blocks.push(...reasonBlocks(reason, input));
  }
  const hidden = input.recipients.length - SHOWN_RECIPIENTS_MAX;
  if (hidden > 0) {
    blocks.push({ kind: "paragraph", text: labels.more.replace("{count}", String(hidden)) });
  }
  if (outro !== "") blocks.push({ kind: "paragraph", text: fill(outro, input) });
  return blocks;
}

/** Recipients with the same reason stand together, so that it is said once. */
function groupByReason(
  input: NoticeInput,
): ReadonlyMap<Reason | CustomText | undefined, readonly NoticeRecipient[]> {
  const explained = input.kind === "failed" || input.kind === "delayed";
  return Map.groupBy(input.recipients.slice(0, SHOWN_RECIPIENTS_MAX), ({ status }) =>
    explained
      ? (input.customTexts?.get(status) ?? selectReason(status, input.language).reason)
      : undefined,
  );
}

function reasonBlocks(reason: Reason | CustomText, input: NoticeInput): readonly Block[] {
  if ("html" in reason) return [{ kind: "custom", words: reason }];
  const { labels, owners } = noticeTexts(input.language);
  const fields: (readonly [string, string])[] = [];
  // Of a delay, there is nothing to be done yet.
  if (input.kind === "failed") fields.push([labels.advice, reason.advice]);
  fields.push([labels.owner, fill(owners[reason.owner], input)]);
  return [
    { kind: "paragraph", text: reason.what },
    { kind: "fields", fields },
  ];
}

function recipientItem(recipient: NoticeRecipient, input: NoticeInput): string {
  const { labels } = noticeTexts(input.language);
  const address = cleanText(recipient.address);
  const host = input.kind === "failed" ? hopText(recipient) : "";
  return host === "" ? address : `${address} (${labels.saidBy} ${host})`;
}

function diagnosticBlocks(input: NoticeInput, header: string): readonly Block[] {
  const { labels } = noticeTexts(input.language);
  const blocks: Block[] = [
    { kind: "subheading", text: labels.diagnostics },
    { kind: "fields", fields: [[labels.generating, cleanText(input.reportingMta)]] },
  ];
  for (const recipient of input.recipients.slice(0, SHOWN_RECIPIENTS_MAX)) {
    blocks.push({ kind: "paragraph", text: cleanText(recipient.address) });
    blocks.push({ kind: "fields", fields: diagnosticFields(recipient, input) });
  }
  if (header !== "") {
    blocks.push({ kind: "paragraph", text: `${labels.headers}:` });
    blocks.push({ kind: "verbatim", text: shownHeader(header) });
  }
  return blocks;
}

function diagnosticFields(
  recipient: NoticeRecipient,
  input: NoticeInput,
): readonly (readonly [string, string])[] {
  const { labels } = noticeTexts(input.language);
  const fields: (readonly [string, string])[] = [];
  const host = hopText(recipient);
  if (host !== "") fields.push([labels.remote, host]);
  fields.push([labels.status, reportStatus(recipient.status, input.kind)]);
  const response = cleanText(recipient.diagnostic).slice(0, SHOWN_RESPONSE_LENGTH_MAX);
  if (response !== "") fields.push([labels.response, response]);
  if (recipient.lastAttemptMs !== undefined) {
    fields.push([labels.attempted, formatDate(recipient.lastAttemptMs, "utc")]);
  }
  if (input.kind === "delayed" && recipient.retryUntilMs !== undefined) {
    fields.push([labels.until, formatDate(recipient.retryUntilMs, "utc")]);
  }
  return fields;
}

/** Name and address of the other server; the path of a socket on this machine is not shown. */
function hopText({ hop }: NoticeRecipient): string {
  if (hop === undefined) return "";
  const address = hop.address.startsWith("/") ? "" : cleanText(hop.address);
  const name = cleanText(hop.name);
  if (name === "" || address === "" || name === address) return name || address;
  return `${name} [${address}]`;
}

function fill(text: string, input: NoticeInput): string {
  const untilMs = input.recipients.reduce(
    (latestMs, { retryUntilMs }) => Math.max(latestMs, retryUntilMs ?? latestMs),
    input.nowMs,
  );
  return text
    .replace("{server}", () => cleanText(input.reportingMta))
    .replace("{until}", () => formatDate(untilMs, "utc"));
}

/** The octets as UTF-8 where they are, else as Latin 1, line by line free of controls. */
function shownHeader(header: string): string {
  const octets = Buffer.from(header, "latin1");
  const text = (isUtf8(octets) ? octets.toString() : header).slice(0, SHOWN_HEADER_LENGTH_MAX);
  return text
    .split("\r\n")
    .map((line) => (/^[ \t]/.test(line) ? `  ${cleanText(line)}` : cleanText(line)))
    .join("\r\n");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "heading":
    case "subheading":
      return `${block.text}\r\n${"-".repeat(Math.min(block.text.length, 70))}\r\n`;
    case "paragraph":
      return `${block.text}\r\n`;
    case "list":
      return block.items.map((item) => `  ${item}\r\n`).join("");
    case "fields":
      return block.fields.map(([label, value]) => `${label}: ${value}\r\n`).join("");
    case "custom":
      return `${block.words.text}\r\n`;
    default:
      return `${block.text}\r\n`;
  }
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h1 style="font-size: 15pt">${escapeHtml(block.text)}</h1>`;
    case "subheading":
      return `<hr>\r\n<h2 style="font-size: 12pt; color: #555">${escapeHtml(block.text)}</h2>`;
    case "paragraph":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "list": {
      const items = block.items.map((item) => `<li><b>${escapeHtml(item)}</b></li>`);
      return `<ul>\r\n${items.join("\r\n")}\r\n</ul>`;
    }
    case "fields":
      return `<p>${block.fields
        .map(([label, value]) => `<b>${escapeHtml(label)}:</b> ${escapeHtml(value)}`)
        .join("<br>\r\n")}</p>`;
    case "custom":
      return `<div>${block.words.html}</div>`;
    default:
      return `<pre style="font-size: 9pt; white-space: pre-wrap">${escapeHtml(block.text)}</pre>`;
  }
}
