import { hash } from "node:crypto";
import { escapeHtml } from "../mail/html-escape.ts";
import { cleanText } from "../mail/notice-report.ts";
import type { Answer } from "./http-answer.ts";

/** The look of the admin center, in light and dark; nothing is loaded for it. */
const STYLE = `
:root { color-scheme: light dark; --ink: #242424; --faint: #616161; --ground: #f5f5f5;
  --card: #ffffff; --line: #e0e0e0; --brand: #0f6cbd; --on-brand: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ffffff; --faint: #adadad; --ground: #1f1f1f;
  --card: #292929; --line: #525252; --brand: #479ef5; --on-brand: #000000; } }
body { margin: 0; padding: 24px 12px; background: var(--ground); color: var(--ink);
  font: 14px/20px "Segoe UI", system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 720px; margin: 0 auto; padding: 20px 24px; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
h1 { font-size: 24px; line-height: 32px; font-weight: 600; margin: 0 0 16px; }
h2 { font-size: 16px; line-height: 22px; font-weight: 600; margin: 24px 0 8px; }
dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: 4px 16px; margin: 0; }
dt, time, .faint { color: var(--faint); }
dd { margin: 0; }
ol { list-style: none; margin: 0; padding: 0 0 0 16px; border-left: 2px solid var(--brand); }
ol li { margin-bottom: 12px; }
pre { white-space: pre-wrap; border: 1px solid var(--line); border-radius: 4px; padding: 12px; }
a { color: var(--brand); }
input { font: inherit; min-height: 24px; }
button { font: inherit; font-weight: 600; min-height: 32px; padding: 5px 12px; cursor: pointer;
  color: var(--on-brand); background: var(--brand); border: 0; border-radius: 4px; }
`;

/** Nothing is loaded, framed, indexed or remembered; forms lead back to where they came from. */
const HEADERS = {
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; ` +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "x-robots-tag": "noindex, nofollow",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** A page that a link leads to: nothing but text and forms. Title and content are markup. */
export function linkPage(status: number, title: string, content: string): Answer {
  const body =
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    `<title>${title}</title>\n<style>${STYLE}</style>\n</head>\n` +
    `<body>\n<main>\n<h1>${title}</h1>\n${content}\n</main>\n</body>\n</html>\n`;
  return { status, type: "text/html; charset=utf-8", headers: HEADERS, body };
}

/** What strangers have written, as text in one line. */
export function shownText(text: string): string {
  return `<bdi>${escapeHtml(cleanText(text))}</bdi>`;
}

/** Pairs of what strangers may have written, both. */
export function factList(facts: readonly (readonly [string, string])[]): string {
  const rows = facts.map(
    ([name, value]) => `<dt>${shownText(name)}</dt><dd>${shownText(value)}</dd>`,
  );
  return `<dl>\n${rows.join("\n")}\n</dl>\n`;
}
