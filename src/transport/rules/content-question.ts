import { LRUCache } from "lru-cache";
import {
  type AttachmentView,
  allFiles,
  type FileView,
  type MessageView,
} from "../../content/message-view.ts";
import { cutProperty } from "../../org/settings/rule-types.ts";
import { compileMatcher, type MatchKind, type TextMatcher } from "./text-matcher.ts";

/** Lists of words and patterns that are kept ready. */
const MATCHERS_MAX = 1000;

/** What a rule asks about a message's body; plain data, for another thread. */
export interface ContentQuestion {
  /** Its own within a set of rules. */
  readonly key: string;
  readonly ask:
    | {
        readonly kind: "text";
        readonly of: "bodies" | "attachments" | "names" | "charsets";
        readonly how: MatchKind;
        readonly values: readonly string[];
      }
    | { readonly kind: "extension"; readonly values: readonly string[] }
    /** `Property:word,word` */
    | { readonly kind: "property"; readonly values: readonly string[] }
    | { readonly kind: "size"; readonly over: number }
    | { readonly kind: "type"; readonly is: string }
    | { readonly kind: "fact"; readonly of: AttachmentFact };
}

/** What can be true of an attachment. */
export type AttachmentFact = "executable" | "unsupported" | "passwordProtected" | "limitExceeded";

/** What was found. */
export interface ContentAnswer {
  readonly key: string;
  readonly holds: boolean;
  /** The word, name or type on account of which it holds. */
  readonly found: string;
}

/** Whether a question is about attachments, which then have to be looked into. */
export function needsAttachments({ ask }: ContentQuestion): boolean {
  switch (ask.kind) {
    case "text":
      return ask.of === "attachments" || ask.of === "names";
    case "extension":
    case "property":
    case "size":
    case "fact":
      return true;
    case "type":
      return false;
  }
}

/** Whether attachments have to be read for it, which is much more than to look at them. */
export function needsText({ ask }: ContentQuestion): boolean {
  return ask.kind === "property" || (ask.kind === "text" && ask.of === "attachments");
}

/** Answers questions about a message that has been read; `attachments` where one needs them. */
export function answerQuestions(
  view: Pick<MessageView, "bodies" | "charsets" | "types">,
  attachments: readonly AttachmentView[],
  questions: readonly ContentQuestion[],
): readonly ContentAnswer[] {
  const files = attachments.flatMap((attachment) => [...allFiles(attachment)]);
  return questions.map(({ key, ask }) => {
    const found = answer(view, { attachments, files }, ask);
    return { key, holds: found !== undefined, found: found ?? "" };
  });
}

function answer(
  view: Pick<MessageView, "bodies" | "charsets" | "types">,
  attached: {
    readonly attachments: readonly AttachmentView[];
    readonly files: readonly FileView[];
  },
  ask: ContentQuestion["ask"],
): string | undefined {
  const { attachments, files } = attached;
  switch (ask.kind) {
    case "text":
      return findIn(matcherOf(ask.how, ask.values), textsOf(view, files, ask.of));
    case "extension":
      return files.map(extensionOf).find((own) => own !== "" && hasFolded(ask.values, own));
    case "property":
      return findProperty(files, ask.values);
    case "size":
      return attachments.find(({ bytes }) => bytes > ask.over)?.name;
    case "type":
      return view.types.find((type) => type === ask.is);
    case "fact":
      return nameOf(files.find((file) => isFact(file, ask.of)));
  }
}

/** The same rules ask about message after message: what they look for is compiled once. */
const matchers = new LRUCache<string, TextMatcher>({ max: MATCHERS_MAX });

function matcherOf(how: MatchKind, values: readonly string[]): TextMatcher {
  const key = `${how}\n${values.join("\n")}`;
  const known = matchers.get(key);
  if (known !== undefined) return known;
  const made = compileMatcher(how, values);
  matchers.set(key, made);
  return made;
}

/** A nameless one holds as well. */
function nameOf(file: FileView | undefined): string | undefined {
  return file && (file.name === "" ? "an attachment" : file.name);
}

function textsOf(
  view: Pick<MessageView, "bodies" | "charsets">,
  files: readonly FileView[],
  of: "bodies" | "attachments" | "names" | "charsets",
): readonly string[] {
  switch (of) {
    case "bodies":
      return view.bodies.map(({ text }) => text);
    case "attachments":
      return files.flatMap(({ text }) => text ?? []);
    case "names":
      return files.map(({ name }) => name);
    case "charsets":
      return view.charsets;
  }
}

function findIn(matcher: TextMatcher, texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const found = matcher.find(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function extensionOf({ name }: FileView): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Written with or without the dot. */
function hasFolded(values: readonly string[], wanted: string): boolean {
  return values.some((value) => value.replace(/^\./, "").toLowerCase() === wanted);
}

function findProperty(files: readonly FileView[], values: readonly string[]): string | undefined {
  const wanted = values.map((value) => {
    const [name, words] = cutProperty(value);
    return { name: name.toLowerCase(), matcher: matcherOf("words", splitWords(words)) };
  });
  for (const { properties } of files) {
    for (const property of properties) {
      const name = property.name.toLowerCase();
      const hit = wanted.find((one) => one.name === name && one.matcher.find(property.value));
      if (hit !== undefined) return `${property.name}: ${property.value}`;
    }
  }
  return undefined;
}

/** `word,several words,word` */
export function splitWords(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function isFact(file: FileView, fact: AttachmentFact): boolean {
  switch (fact) {
    case "executable":
      return file.isExecutable;
    case "passwordProtected":
      return file.isPasswordProtected;
    case "unsupported":
      return file.outcome === "unsupported";
    case "limitExceeded":
      return file.outcome === "limitExceeded";
  }
}
