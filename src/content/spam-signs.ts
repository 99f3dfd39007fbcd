import { ok, type Result } from "../base/result.ts";
import type { ContentLimitFault, ContentLimits } from "./content-limits.ts";
import { allParts, type BodyText, type MessageView } from "./message-view.ts";
import { readMessage } from "./read-message.ts";

/** What to look for in a message. */
export interface SpamQuestion {
  readonly limits: ContentLimits;
  /** Words of the administrator's, each with what it means. */
  readonly phrases: readonly { readonly name: string; readonly influence: PhraseInfluence }[];
}

/** What a phrase makes of the message that has it. */
export type PhraseInfluence = "GoodWord" | "BadWord";

/** Something that mail nobody wants has more often than other mail. */
export interface SpamSign {
  readonly name: string;
  /** In hundredths; the level of confidence rises by one with each hundred. */
  readonly score: number;
}

/** What was found in a message. */
export interface SpamFindings {
  readonly signs: readonly SpamSign[];
  /** The administrator's phrase that it has; a good one goes before a bad one. */
  readonly phrase: { readonly name: string; readonly influence: PhraseInfluence } | undefined;
  /** Hosts that its links lead to, in lower case, each once, at most 20. */
  readonly linkHosts: readonly string[];
}

const LINK_HOSTS_MAX = 20;
/** Of the text in which words are looked for (UTF-16 units). */
const TEXT_MAX = 256 * 1024;
/** The text that every filter takes for spam, in two parts: this file is none. */
const GTUBE = ["XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE", "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"].join("-");

/** Reads a message and says what speaks for spam in it: form, links and words. */
export function readSpamSigns(
  content: Uint8Array,
  { limits, phrases }: SpamQuestion,
): Result<SpamFindings, ContentLimitFault> {
  const read = readMessage(content, limits);
  if (!read.ok) return read;
  const view = read.value;
  const text = textOf(view);
  const links = linksOf(view);
  const hosts = [...new Set(links.flatMap((link) => hostOf(link) ?? []))];
  return ok({
    signs: [...headerSigns(view), ...bodySigns(view, text), ...linkSigns(view, hosts)],
    phrase: findPhrase(text, phrases),
    linkHosts: hosts.filter((host) => !/^[\d.]+$/.test(host)).slice(0, LINK_HOSTS_MAX),
  });
}

function textOf(view: MessageView): string {
  const texts = [view.subject, ...view.bodies.map(({ text }) => text)];
  return texts.join("\n").slice(0, TEXT_MAX);
}

type Check = readonly [name: string, score: number, isThere: boolean];

function found(checks: readonly Check[]): readonly SpamSign[] {
  return checks.flatMap(([name, score, isThere]) => (isThere ? [{ name, score }] : []));
}

function headerSigns(view: MessageView): readonly SpamSign[] {
  const names = new Set(view.header.map(({ name }) => name));
  const { subject, from } = view;
  const letters = subject.replace(/[^\p{L}]/gu, "");
  const [author] = from;
  const shown = /[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,5})/.exec(author?.displayName ?? "");
  const own = author?.address?.toLowerCase().split("@").at(-1);
  return found([
    ["MissingFrom", 150, !names.has("from")],
    ["MissingDate", 100, !names.has("date")],
    ["MissingMessageId", 50, !names.has("message-id")],
    ["MissingSubject", 50, !names.has("subject")],
    ["MissingRecipients", 50, !names.has("to") && !names.has("cc")],
    ["SubjectAllCapitals", 100, letters.length >= 10 && letters === letters.toUpperCase()],
    ["SubjectShouts", 50, /[!?]{3}|[$€£]{2}/.test(subject)],
    ["NameIsOtherAddress", 200, shown !== null && shown[1]?.toLowerCase() !== own],
    ["SeveralAuthors", 50, from.length > 1],
    ...view.oddities.map((oddity): Check => [`Odd:${oddity}`, 100, true]),
  ]);
}

/** Words of mail that sells what nobody asked for; three different ones at most count. */
const WORDS = new RegExp(
  `\\b(?:${[
    ...["viagra", "cialis", "online casino", "lottery winner", "you have won", "act now"],
    ...["wire transfer of", "next of kin", "risk[- ]free", "no prescription", "work from home"],
    ...["weight loss miracle", "bitcoin doubl\\w{1,5}", "replica watches"],
    "unclaimed (?:funds|inheritance)",
  ].join("|")})\\b`,
  "gi",
);
const WORDS_MAX = 3;
/** HTML that is there and not seen. */
const HIDDEN =
  /font-size\s*:\s*0(?:px|pt|em|%)?\s*[;"']|display\s*:\s*none|visibility\s*:\s*hidden/i;

function bodySigns(view: MessageView, text: string): readonly SpamSign[] {
  const html = view.bodies.filter(({ kind }) => kind === "html");
  const plain = view.bodies.filter(({ kind }) => kind === "plain");
  const words = new Set((text.match(WORDS) ?? []).map((word) => word.toLowerCase()));
  const hasImage = html.some((body) => /<img\b/i.test(body.html ?? ""));
  const seen = view.bodies.reduce((sum, body) => sum + body.text.trim().length, 0);
  return found([
    ["Gtube", 1000, text.includes(GTUBE)],
    ["HtmlOnly", 50, html.length > 0 && plain.length === 0],
    ["ImageOnly", 150, hasImage && seen < 50],
    ["HiddenText", 100, html.some((body) => HIDDEN.test(body.html ?? ""))],
    ["FormInHtml", 150, html.some((body) => /<form\b|<input\b/i.test(body.html ?? ""))],
    ["Program", 250, [...allParts(view.root)].some(({ fileName }) => isProgram(fileName))],
    ...[...words].slice(0, WORDS_MAX).map((word): Check => [`Word:${word}`, 100, true]),
  ]);
}

function isProgram(fileName: string | undefined): boolean {
  return /\.(?:exe|scr|pif|com|bat|cmd|vbs|vbe|js|jse|wsf|hta|lnk|cpl|jar)$/i.test(fileName ?? "");
}

/** What a text shows as a link, and where it leads. */
const ANCHOR = /<a\b[^>]{0,2000}\bhref\s*=\s*["']?([^"'\s>]{1,2000})[^>]{0,2000}>([^<]{1,300})</gi;
const ANCHORS_MAX = 200;

function linkSigns(view: MessageView, hosts: readonly string[]): readonly SpamSign[] {
  return found([
    ["LinkToAddress", 200, hosts.some((host) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host))],
    ["LinkInPunycode", 100, hosts.some((host) => /(?:^|\.)xn--/.test(host))],
    ["LinkSaysOther", 250, view.bodies.some(saysOther)],
    ["ManyLinks", 50, hosts.length > 15],
  ]);
}

/** A link whose text is another site's name: `<a href="http://evil.test">www.bank.test</a>`. */
function saysOther({ html }: BodyText): boolean {
  if (html === undefined) return false;
  let count = 0;
  for (const [, target = "", shown = ""] of html.matchAll(ANCHOR)) {
    count += 1;
    if (count > ANCHORS_MAX) return false;
    const leads = hostOf(target);
    const says = hostOf(shown.trim()) ?? hostOf(`http://${shown.trim()}`);
    const isName = /^(?:https?:\/\/)?[\w-]+(?:\.[\w-]+)+(?:\/|$)/i.test(shown.trim());
    if (!isName || leads === undefined || says === undefined) continue;
    if (siteOf(leads) !== siteOf(says)) return true;
  }
  return false;
}

/** Its last two labels: enough to tell one owner from another, and wrong only in their favour. */
function siteOf(host: string): string {
  return host.split(".").slice(-2).join(".");
}

const LINK = /\bhttps?:\/\/[^\s<>"']{1,2000}/gi;

function linksOf(view: MessageView): readonly string[] {
  return view.bodies.flatMap(({ links, text }) => [
    ...links,
    ...(text.slice(0, TEXT_MAX).match(LINK) ?? []).slice(0, ANCHORS_MAX),
  ]);
}

function hostOf(link: string): string | undefined {
  if (!/^https?:\/\//i.test(link) || !URL.canParse(link)) return undefined;
  const host = new URL(link).hostname.replace(/\.$/, "");
  return host === "" || host.startsWith("[") ? undefined : host;
}

function findPhrase(
  text: string,
  phrases: SpamQuestion["phrases"],
): SpamFindings["phrase"] | undefined {
  if (phrases.length === 0) return undefined;
  const folded = fold(text);
  const hits = phrases.filter(({ name }) => folded.includes(fold(name)));
  return hits.find(({ influence }) => influence === "GoodWord") ?? hits[0];
}

/** Without case, every gap one space; with spaces at its ends, so that words are whole ones. */
function fold(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}
