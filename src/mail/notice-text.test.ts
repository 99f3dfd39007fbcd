import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { noticeTexts, selectReason } from "./notice-text.ts";
import type { NoticeLanguage, Reason } from "./notice-words.ts";

const LANGUAGES: readonly NoticeLanguage[] = ["en"];
const SOURCES = join(import.meta.dirname, "..");

/** Enhanced status codes that the server's own sources write, with the file that does. */
function writtenCodes(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  for (const name of names) {
    if (!name.endsWith(".ts") || /\.(test|fake)\.ts$|notice-|-contract\.ts$/.test(name)) continue;
    const text = readFileSync(join(SOURCES, name), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    // As a whole string ("5.1.1"), or behind a reply code ("550 5.1.1 …").
    for (const [, whole, behind] of text.matchAll(
      /["'`]([45]\.\d{1,3}\.\d{1,3})["'`]|\b[45]\d\d ([45]\.\d{1,3}\.\d{1,3})\b/g,
    )) {
      codes.set(whole ?? behind ?? "", name);
    }
  }
  return codes;
}

test("every code that the server writes has words of its own", () => {
  const codes = writtenCodes();
  assert.ok(codes.size >= 20, `found only ${codes.size}`);
  for (const [code, file] of codes) {
    for (const language of LANGUAGES) {
      assert.equal(selectReason(code, language).match, "code", `${code} in ${file}: add its words`);
    }
  }
});

/** Codes of the reference's §6.5 with a meaning of their own. */
const REFERENCE = `
  4.2.0 4.3.1 4.3.2 4.4.0 4.4.1 4.4.2 4.4.7 4.4.316 4.5.1 4.5.3 4.7.0 4.7.26 4.7.321 4.7.325 5.0.0
  5.0.350 5.1.0 5.1.1 5.1.2 5.1.3 5.1.4 5.1.5 5.1.6 5.1.7 5.1.8 5.1.10 5.1.90 5.2.0 5.2.1 5.2.2
  5.2.3 5.2.4 5.2.14 5.2.121 5.2.122 5.3.0 5.3.2 5.3.3 5.3.4 5.3.5 5.3.190 5.4.1 5.4.4 5.4.6 5.4.8
  5.4.14 5.4.300 5.5.0 5.5.2 5.5.3 5.5.4 5.5.6 5.6.11 5.7.1 5.7.3 5.7.4 5.7.12 5.7.23 5.7.25 5.7.54
  5.7.57 5.7.60 5.7.64 5.7.124 5.7.133 5.7.134 5.7.135 5.7.136`;

test("every code of the reference has words of its own", () => {
  for (const code of REFERENCE.trim().split(/\s+/)) {
    assert.equal(selectReason(code, "en").match, "code", code);
  }
});

for (const [status, match, same] of [
  ["5.1.1", "code", "1.1"],
  ["4.1.1", "code", "1.1"],
  ["4.7.1", "code", "4.7.1"],
  ["5.7.1", "code", "7.1"],
  ["5.1.99", "subject", "1"],
  ["4.4.999", "subject", "4"],
  ["5.7.900", "subject", "7"],
  ["5.9.1", "generic", ""],
  ["", "generic", ""],
  ["5.1.1 ", "generic", ""],
  ["5.1.1.1", "generic", ""],
  ["6.1.1", "generic", ""],
  ["constructor", "generic", ""],
] as const) {
  test(`selectReason: "${status}" is found by ${match}`, () => {
    const found = selectReason(status, "en");
    assert.equal(found.match, match);
    assert.equal(found.reason, noticeTexts("en").reasons[same]);
  });
}

test("selectReason has words for anything", () => {
  fc.assert(
    fc.property(fc.string(), (status) => {
      assert.notEqual(selectReason(status, "en").reason.what, "");
    }),
  );
});

for (const language of LANGUAGES) {
  test(`${language}: every reason is whole sentences without mark-up or a slot of its own`, () => {
    const { reasons, owners } = noticeTexts(language);
    for (const [key, reason] of Object.entries<Reason>(reasons)) {
      for (const text of [reason.what, reason.advice]) {
        assert.match(text, /^[A-Z].*\.$/, key);
        assert.doesNotMatch(text, /[<>{}]| {2}|\n/, key);
      }
      assert.ok(Object.hasOwn(owners, reason.owner), key);
    }
  });

  test(`${language}: the slots are there and no others`, () => {
    const { kinds, owners, labels } = noticeTexts(language);
    assert.match(kinds.delayed.outro, /\{server\}.*\{until\}/);
    assert.match(owners.serverAdmin, /\{server\}/);
    assert.match(labels.more, /\{count\}/);
    const all = JSON.stringify({ kinds, owners, labels });
    const slots = all.match(/\{[a-z]+\}/g);
    assert.deepEqual(new Set(slots), new Set(["{server}", "{until}", "{count}"]));
  });
}
