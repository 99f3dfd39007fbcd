import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChunkIntake, DataIntake } from "./content-intake.ts";
import { DotStuffer } from "./dot-stuffing.ts";
import { InputCursor } from "./input-cursor.ts";
import type { Reply } from "./reply.ts";
import type { Effect } from "./server-effect.ts";

const RULES = { messageBytesMax: 10_000, bareLineFeed: "repair" } as const;

interface Taken {
  readonly content: string;
  readonly failure: Reply | undefined;
  /** What stands behind the end of data; `undefined`: it has not come. */
  readonly rest: string | undefined;
}

function contentOf(effects: readonly Effect[]): string {
  return effects
    .map((effect) =>
      effect.kind === "content" ? Buffer.from(effect.bytes).toString("latin1") : "",
    )
    .join("");
}

function takeData(
  text: string,
  cuts: readonly number[],
  bareLineFeed: "reject" | "repair" = "repair",
): Taken {
  const intake = new DataIntake({ ...RULES, bareLineFeed });
  let content = "";
  for (let start = 0, turn = 0; start < text.length; turn += 1) {
    const end = Math.min(text.length, start + (cuts[turn % cuts.length] ?? 1));
    const input = new InputCursor();
    const effects: Effect[] = [];
    input.append(Buffer.from(text.slice(start, end), "latin1"));
    const ended = intake.read(input, effects);
    content += contentOf(effects);
    if (ended) return { content, failure: intake.failure, rest: text.slice(start + input.offset) };
    start = end;
  }
  return { content, failure: intake.failure, rest: undefined };
}

const streams = fc
  .array(fc.constantFrom("\n", ".", "a", "\r\n", "\r\n.", "\n.\n", "\r\n.\n", "\r\n.\r\n"), {
    maxLength: 40,
  })
  .map((all) => all.join(""));
const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

test("a bare LF is repaired, and never ends the data: any cut, one message, one end", () => {
  fc.assert(
    fc.property(streams, lengths, (text, cuts) => {
      const taken = takeData(text, cuts);
      // The end is where it is for those who refuse bare LFs.
      assert.equal(taken.rest, takeData(text, [text.length + 1], "reject").rest);
      assert.equal(taken.failure, undefined);
      assert.doesNotMatch(taken.content, /(?<!\r)\n/);
      if (taken.rest === undefined) return;
      // In the plainest way: lines by CRLF, one dot off each, then every LF alone becomes CRLF.
      const data = text.slice(0, text.length - taken.rest.length - ".\r\n".length);
      const plain = data
        .split("\r\n")
        .map((line) => line.replace(/^\./, ""))
        .join("\r\n");
      assert.equal(taken.content, plain.replace(/(?<!\r)\n/g, "\r\n"));
      // Passed on, it is the same one message again, to those who take a bare LF for an end too.
      const stuffer = new DotStuffer();
      const wire = Buffer.from(stuffer.stuff(Buffer.from(taken.content, "latin1")));
      const sent = `${wire.toString("latin1")}${stuffer.end()}`;
      assert.equal(`\n${sent}`.search(/\n\.\r?\n/), sent.length - ".\r\n".length);
      assert.equal(takeData(sent, cuts).content, taken.content);
    }),
    { numRuns: 3_000 },
  );
});

test("chunks are repaired as data is, whatever the cut", () => {
  const content = fc
    .array(fc.constantFrom("\n", ".", "a", "\r\n"), { maxLength: 40 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(content, lengths, (text, cuts) => {
      const intake = new ChunkIntake(RULES, { binary: false });
      const effects: Effect[] = [];
      for (let start = 0, turn = 0; start < text.length; turn += 1) {
        const end = start + (cuts[turn % cuts.length] ?? 1);
        intake.read(Buffer.from(text.slice(start, end), "latin1"), effects);
        start = end;
      }
      intake.end(effects);
      assert.equal(intake.failure, undefined);
      assert.equal(contentOf(effects), text.replace(/(?<!\r)\n/g, "\r\n"));
    }),
    { numRuns: 1_000 },
  );
});

test("what repair adds counts: at the limit, and one past it", () => {
  for (const [count, code] of [
    [4_999, undefined],
    [5_000, 552],
  ] as const) {
    const taken = takeData(`${"\n".repeat(count)}\r\n.\r\n`, [700]);
    assert.equal(taken.failure?.code, code);
  }
});
