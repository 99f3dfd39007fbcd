import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { SAMPLE_QUEUE, SAMPLE_TYPE } from "../cmdlet/filter-sample.fake.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import { FORMATS, type Format } from "./run-parameters.ts";
import { displayWidth } from "./safe-text.ts";
import { createOutputView, selectProperties } from "./view-choice.ts";

function render(
  format: Format,
  values: readonly OutputObject[],
  options: { readonly asked?: readonly string[]; readonly width?: number } = {},
): string {
  const selected = selectProperties(SAMPLE_TYPE, { format, asked: options.asked ?? [] });
  assert.ok(selected.ok);
  const view = createOutputView(format, {
    outputType: SAMPLE_TYPE,
    properties: selected.value,
    width: options.width,
    hasColour: false,
  });
  return values.map((value) => view.push(value)).join("") + view.end();
}

test("table: the columns of the type, numbers on the right", () => {
  const other = { ...SAMPLE_QUEUE, Identity: "mx1\\Submission", MessageCount: 12345 };
  assert.equal(
    render("table", [SAMPLE_QUEUE, other]),
    [
      "Identity        Status  MessageCount  NextHopDomain",
      "--------        ------  ------------  -------------",
      "mx1\\7           Retry             12  fabrikam.test",
      "mx1\\Submission  Retry          12345  fabrikam.test",
      "",
    ].join("\n"),
  );
});

test("table: sizes are rounded, dates are UTC, lists are in braces", () => {
  const asked = ["Size", "DateReceived", "Recipients", "IsValid", "LastError"];
  assert.match(
    render("table", [SAMPLE_QUEUE], { asked }),
    /^10 MB {2}2026-11-21 06:00:00Z {2}\{alice@contoso.test, bob@contoso.test\} {2}True$/m,
  );
});

test("table: it fits the terminal, whatever is in it, and numbers are never cut", () => {
  const asked = ["Identity", "Subject", "MessageCount", "LastError"];
  const texts = fc.string({ maxLength: 80, unit: "grapheme" });
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 60, max: 200 }), (subject, error, width) => {
      const value = { ...SAMPLE_QUEUE, Subject: subject, LastError: error, MessageCount: 123456 };
      const lines = render("table", [value], { asked, width }).split("\n");
      for (const line of lines) assert.ok(displayWidth(line) <= width, line);
      assert.match(lines[2] ?? "", /\b123456\b/);
    }),
  );
});

test("table: later batches keep the columns of the first one", () => {
  const many = Array.from({ length: 450 }, (_, index) => ({
    ...SAMPLE_QUEUE,
    Identity: index < 200 ? "a" : "a".repeat(200),
  }));
  const lines = render("table", many, { width: 80 }).trimEnd().split("\n");
  assert.equal(lines.length, 452);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(lines[300] ?? "", /^a+… {2}Retry/);
});

test("list: every property on a line of its own", () => {
  const text = render("list", [SAMPLE_QUEUE, SAMPLE_QUEUE], { asked: ["Size", "NextHopDomain"] });
  const one = "Size          : 10 MB (10,485,760 bytes)\nNextHopDomain : fabrikam.test\n";
  assert.equal(text, `${one}\n${one}`);
});

test("JSON: an array always, with all properties, as they came", () => {
  assert.equal(render("json", []), "[]\n");
  assert.deepEqual(JSON.parse(render("json", [SAMPLE_QUEUE])), [SAMPLE_QUEUE]);
  const picked = render("json", [SAMPLE_QUEUE, SAMPLE_QUEUE], { asked: ["status", "Mess*"] });
  const one = { Status: "Retry", MessageCount: 12, MessageLatency: "01:30:00" };
  assert.deepEqual(JSON.parse(picked), [one, one]);
});

test("CSV: a header always, quotes where RFC 4180 has them", () => {
  const asked = ["Identity", "Subject", "Recipients", "IsValid", "LastError"];
  const value = { ...SAMPLE_QUEUE, Subject: 'a "b", c\r\nd' };
  assert.equal(render("csv", [], { asked }), "Identity,Subject,Recipients,IsValid,LastError\r\n");
  assert.equal(
    render("csv", [value], { asked }).split("LastError\r\n")[1],
    'mx1\\7,"a ""b"", c\r\nd",alice@contoso.test;bob@contoso.test,True,\r\n',
  );
});

const VALUES: fc.Arbitrary<OutputObject> = fc
  .record({
    Subject: fc.string({ unit: "binary", maxLength: 30 }),
    LastError: fc.constantFrom("yes", "null", "5", "- a", "a: b", "", " x", "a #b", "~", "\u009b"),
    Details: fc.jsonValue({ maxDepth: 3 }),
    Recipients: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  })
  .map((fields) => {
    // JSON has no negative zero and no name twice; what comes over the wire is JSON.
    const clean: unknown = JSON.parse(JSON.stringify(fields));
    return { ...SAMPLE_QUEUE, ...(clean as OutputObject) };
  });

test("YAML and JSON: they are read back as what they were", () => {
  fc.assert(
    fc.property(fc.array(VALUES, { maxLength: 3 }), (values) => {
      assert.deepEqual(JSON.parse(render("json", values)), values);
      const options = { uniqueKeys: false, schema: "core" } as const;
      assert.deepEqual(parse(render("yaml", values), options), values);
    }),
    { numRuns: 300 },
  );
});

test("no format lets a stranger's text command a terminal", () => {
  const hostile = "\x1b[2J\x07\u009b31m\r\u202egnp.exe\u2028\x00\x7f";
  const value = {
    ...SAMPLE_QUEUE,
    Subject: hostile,
    LastError: hostile,
    DateReceived: hostile,
    Recipients: [hostile],
    Details: { [hostile]: hostile },
  };
  for (const format of FORMATS) {
    const text = render(format, [value], { width: 300, asked: ["*"] });
    const lineEnds = format === "csv" ? /\r\n/g : /\n/g;
    assert.doesNotMatch(text.replace(lineEnds, ""), /[\p{Cc}\u2028\u202e]/u, format);
  }
});

test("properties: an unknown one is told, with what was probably meant", () => {
  const selected = selectProperties(SAMPLE_TYPE, { format: "table", asked: ["MesageCount"] });
  assert.ok(!selected.ok);
  assert.match(selected.fault, /SampleQueue has no property "MesageCount"; did you mean/);
});
