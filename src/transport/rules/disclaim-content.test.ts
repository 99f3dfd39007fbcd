import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "../../base/result.ts";
import { applyDisclaimer } from "../../content/apply-disclaimer.ts";
import { CONTENT_LIMITS } from "../../content/content-limits.ts";
import type { ContentSource } from "../../content/content-work.ts";
import { lines } from "../../content/message.fake.ts";
import { readMessage } from "../../content/read-message.ts";
import { wrapInPlace } from "../../content/wrap-message.ts";
import { CORPUS, type CorpusName } from "./corpus.fake.ts";
import { disclaimByTasks, type RewritingTasks } from "./disclaim-content.ts";
import type { Disclaimer } from "./rule-answer.ts";
import { contentReader } from "./rule-bench.fake.ts";

const HTML: Disclaimer = {
  html: "<p>Contoso &amp; Söhne</p>",
  location: "Append",
  fallback: "Wrap",
};

const read = (content: Buffer) => readMessage(content, CONTENT_LIMITS);

/** As the thread does it. */
const tasks: RewritingTasks = {
  async disclaim(source, disclaimer) {
    const content = await wholeOf(source);
    const view = read(content);
    return ok(view.ok ? ok(applyDisclaimer(content, view.value, disclaimer)) : view);
  },
  async wrap(source, { html }) {
    const content = await wholeOf(source);
    const view = read(content);
    if (!view.ok) return ok(view);
    return ok(ok({ kind: "done", content: wrapInPlace(content, view.value, html) }));
  },
};

async function wholeOf(source: ContentSource): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.content()) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function disclaim(
  content: Buffer,
  more: Partial<Disclaimer> = {},
): Promise<Buffer | undefined> {
  const apply = disclaimByTasks(tasks, CONTENT_LIMITS);
  const done = await apply(contentReader(content), { ...HTML, ...more });
  return done.ok ? Buffer.concat(done.value) : undefined;
}

function texts(content: Buffer | undefined): readonly string[] {
  assert.ok(content !== undefined);
  const view = read(content);
  assert.ok(view.ok);
  return view.value.bodies.map(({ text }) => text);
}

for (const [name, own] of [
  ["sale", /^Confidential offers/],
  ["payroll", /^Streng vertraulich: Gehälter der Abteilung. Kennwort: abcdef/],
  ["falcon", /^The project\sFalcon/],
  ["invitation", /^Come at ten\./],
] as const) {
  test(`the text comes behind or before what ${name} says, and nothing is lost`, async () => {
    const content = Buffer.from(CORPUS[name satisfies CorpusName].content);
    const [appended = ""] = texts(await disclaim(content));
    assert.match(appended, own);
    assert.match(appended, /Contoso & Söhne\s*$/);
    const [prepended = ""] = texts(await disclaim(content, { location: "Prepend" }));
    assert.match(prepended, /^\s*Contoso & Söhne\s/);
    assert.match(prepended.replace(/^\s*Contoso & Söhne\s+/, ""), own);
  });
}

test("what is signed is wrapped as it is, or left alone", async () => {
  const content = Buffer.from(CORPUS.signed.content);
  const wrapped = await disclaim(content);
  assert.ok(wrapped?.includes(content) === true, "byte for byte");
  assert.match(wrapped.toString(), /^From: carol@contoso.test\r\nTo: alice@contoso.test\r\n/);
  assert.match(texts(wrapped)[0] ?? "", /Contoso & Söhne/);
  assert.equal(await disclaim(content, { fallback: "Refuse" }), undefined);
});

test("what cannot be read is refused", async () => {
  const parts = new Array<string>(3000).fill("--b\r\n\r\nx");
  const bomb = lines('Content-Type: multipart/mixed; boundary="b"', "", ...parts, "--b--");
  assert.equal(await disclaim(bomb), undefined);
});
