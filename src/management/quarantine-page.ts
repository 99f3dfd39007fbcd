import { escapeHtml } from "../mail/html-escape.ts";
import { cleanText } from "../mail/notice-report.ts";
import type { Answer } from "./http-answer.ts";
import { factList, linkPage, shownText } from "./link-page.ts";

/** What a user may do with a message that is kept from him. */
export type LinkAct = "view" | "release" | "allow";

/** What the pages show of a message; all of it is a stranger's words. */
export interface LinkedMessage {
  readonly recipient: string;
  readonly from: string;
  readonly subject: string;
  readonly type: string;
  readonly receivedMs: number;
  readonly expiresMs: number;
}

/** What is shown of its content, as plain text. */
export interface LinkedText {
  readonly body: string;
  readonly attachments: readonly string[];
  readonly isCut: boolean;
}

const BUTTONS: Readonly<Record<LinkAct, string>> = {
  view: "Show its text",
  release: "Release it",
  allow: "Release it, and allow this sender",
};

const QUESTIONS: Readonly<Record<LinkAct, string>> = {
  view: "A message for you is in quarantine",
  release: "Release this message?",
  allow: "Release this message, and never keep mail from this sender again?",
};

/** Asks whether to do what the link is for: opening it does nothing. */
export function questionPage(message: LinkedMessage, act: LinkAct): Answer {
  const acts: readonly LinkAct[] = act === "view" ? ["view", "release", "allow"] : [act];
  return linkPage(200, QUESTIONS[act], factsOf(message) + acts.map(form).join(""));
}

/** Says that it is on its way. */
export function releasedPage(message: LinkedMessage, warnings: readonly string[]): Answer {
  const told = warnings.map((text) => `<p>${escapeHtml(cleanText(text))}</p>`).join("\n");
  const words = `<p>It is on its way to ${shownText(message.recipient)}.</p>`;
  return linkPage(200, "The message was released", factsOf(message) + words + told);
}

/** Shows the words of a message. */
export function textPage(message: LinkedMessage, text: LinkedText): Answer {
  const names = text.attachments.map((name) => `<li>${escapeHtml(name)}</li>`).join("\n");
  const attached = names === "" ? "" : `<p>Attached:</p><ul>${names}</ul>\n`;
  const more = text.isCut ? "<p>It has more than is shown here.</p>\n" : "";
  const body = `<pre>${escapeHtml(text.body)}</pre>\n`;
  const acts = form("release") + form("allow");
  return linkPage(200, "What the message says", factsOf(message) + body + attached + more + acts);
}

/** The link is not genuine, its time is over, or its message has gone. */
export function gonePage(): Answer {
  const words =
    "This link is not, or no more, good: the message was released or removed, or its time is over.";
  return linkPage(404, "There is nothing here", `<p>${words}</p>`);
}

/** It could not be done now. */
export function failedPage(status: 400 | 405 | 408 | 429 | 503): Answer {
  const words: Readonly<Record<typeof status, string>> = {
    400: "This is none of the forms of this page.",
    405: "This is none of the forms of this page.",
    408: "The form did not come in time; try again.",
    429: "Too many requests; try again in a minute.",
    503: "It could not be done just now; try again in a minute.",
  };
  const answer = linkPage(status, "It was not done", `<p>${words[status]}</p>`);
  const isWait = status === 429 || status === 503;
  // The rest of a body would be taken for the next request.
  const more: Record<string, string> = isWait ? { "retry-after": "60" } : { connection: "close" };
  return { ...answer, headers: { ...answer.headers, ...more } };
}

function factsOf(message: LinkedMessage): string {
  return factList([
    ["Subject", message.subject],
    ["From", message.from],
    ["For", message.recipient],
    ["Received", new Date(message.receivedMs).toUTCString()],
    ["Kept as", message.type],
    ["Kept until", new Date(message.expiresMs).toUTCString()],
  ]);
}

/** It goes to the address where it stands, whatever lies before that on the way to us. */
function form(act: LinkAct): string {
  return (
    '<form method="post"><p>' +
    `<button name="action" value="${act}">${BUTTONS[act]}</button></p></form>\n`
  );
}
