import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { MachinePlayer, type Seen } from "../../src/smtp/machine-player.fake.ts";
import { FAKE_SESSION_OPTIONS } from "../../src/smtp/session-options.fake.ts";
import { type Dialog, parseDialogs } from "./dialog-file.ts";

/** How many bytes the next piece takes, given how many are left. */
type Cut = (left: number) => number;

function describe(seen: Seen): string[] {
  switch (seen.kind) {
    case "reply":
      return seen.lines.map((line) => `S: ${line}`);
    case "message":
      return [`M: ${seen.content}`];
    case "abort":
      return ["A:"];
    case "logon":
      return [`L: ${seen.text}`];
    case "xclient":
      return [`XC: ${JSON.stringify(seen.attributes)}`];
    case "tls":
      return ["TLS:"];
    case "close":
      return ["X:"];
  }
}

function assertSame(actual: readonly string[], expected: readonly string[], where: string): void {
  const shown = expected.map((line, index) => {
    const other = actual[index];
    const matches = line.endsWith("*") && other?.startsWith(line.slice(0, -1)) === true;
    return matches ? other : line;
  });
  assert.deepEqual(actual, shown, where);
}

function newPlayer(dialog: Dialog): MachinePlayer {
  return new MachinePlayer(dialog.options, dialog.script);
}

/** Turn by turn, as a client would talk that waits: each reply belongs to the line before it. */
function playInTurn(dialog: Dialog): void {
  const player = newPlayer(dialog);
  for (const turn of dialog.turns) {
    const actual = player.feed(turn.bytes).flatMap(describe);
    assertSame(
      actual,
      turn.expected,
      `${dialog.title}: after ${JSON.stringify(String(turn.bytes).slice(0, 80))}`,
    );
    if (turn.expected.includes("TLS:")) player.startTls();
  }
}

/** All of the client's bytes as one stream, cut anywhere; only TLS makes a boundary. */
function playCut(dialog: Dialog, cut: Cut): string[] {
  const player = newPlayer(dialog);
  const actual: string[] = player.feed(Buffer.alloc(0)).flatMap(describe);
  for (const stream of clearAndEncryptedStreams(dialog)) {
    if (stream.encrypted) player.startTls();
    for (let start = 0; start < stream.bytes.length; ) {
      const end = start + cut(stream.bytes.length - start);
      actual.push(...player.feed(stream.bytes.subarray(start, end)).flatMap(describe));
      start = end;
    }
  }
  return actual;
}

function clearAndEncryptedStreams(dialog: Dialog): { bytes: Buffer; encrypted: boolean }[] {
  const streams: { bytes: Buffer; encrypted: boolean }[] = [];
  let pieces: Buffer[] = [];
  for (const turn of dialog.turns) {
    pieces.push(turn.bytes);
    if (turn.expected.includes("TLS:")) {
      streams.push({ bytes: Buffer.concat(pieces), encrypted: streams.length > 0 });
      pieces = [];
    }
  }
  streams.push({ bytes: Buffer.concat(pieces), encrypted: streams.length > 0 });
  return streams;
}

const CUTS: Readonly<Record<string, Cut>> = {
  "all at once": (left) => left,
  "byte by byte": () => 1,
  halved: (left) => Math.ceil(left / 2),
  "in sevens": (left) => Math.min(left, 7),
};

const directory = new URL(".", import.meta.url);
for (const name of readdirSync(directory).filter((file) => file.endsWith(".dialog"))) {
  const text = readFileSync(new URL(name, directory), "utf8");
  const dialogs = parseDialogs(text, FAKE_SESSION_OPTIONS);
  test(`${name} holds dialogs`, () => assert.ok(dialogs.length > 0));
  for (const dialog of dialogs) {
    test(`${name}: ${dialog.title}`, () => {
      playInTurn(dialog);
      const expected = dialog.turns.flatMap((turn) => turn.expected);
      for (const [how, cut] of Object.entries(CUTS)) {
        assertSame(playCut(dialog, cut), expected, `${dialog.title}, ${how}`);
      }
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (lengths) => {
          let turn = 0;
          const cut: Cut = (left) => Math.min(left, lengths[turn++ % lengths.length] ?? 1);
          assertSame(playCut(dialog, cut), expected, dialog.title);
        }),
        { numRuns: 20 },
      );
    });
  }
}
