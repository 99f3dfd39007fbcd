import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FAKE_MEANS, fakeBackend } from "./credential-backend.fake.ts";
import type { ScramVerifiers } from "./mechanism.ts";
import { preparePassword, saslprep } from "./saslprep.ts";
import { askScramBy } from "./scram-client.ts";
import { deriveScramKeys, type ScramDigest } from "./scram-keys.ts";
import { talkScramBy } from "./scram-server.ts";

/** Published conversations beside the repository, when they are there. */
const SUITE = join(import.meta.dirname, "../../../shared/suites/sasl/scram-xdg");
const GROUPS = ["good", "bad-client", "bad-server"] as const;
const DIGESTS: ReadonlyMap<string, ScramDigest> = new Map([
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-512", "sha512"],
]);

interface Conversation {
  readonly label: string;
  readonly digest: string;
  readonly user: string;
  readonly pass: string;
  readonly skipSASLprep: boolean;
  readonly salt64: string;
  readonly iters: number;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly steps: readonly string[];
}

function digestOf({ digest }: Conversation): ScramDigest {
  const known = DIGESTS.get(digest);
  assert.ok(known !== undefined, digest);
  return known;
}

function stepOf({ steps }: Conversation, index: number): Buffer {
  return Buffer.from(steps[index] ?? "");
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

function passwordOf({ pass, skipSASLprep }: Conversation): string {
  return skipSASLprep ? pass : preparePassword(pass);
}

/** What the conversation's server has of its one user. */
async function verifiersOf(conversation: Conversation): Promise<ScramVerifiers> {
  const salt = Buffer.from(conversation.salt64, "base64");
  const from = { password: passwordOf(conversation), salt, iterationCount: conversation.iters };
  const { storedKey, serverKey } = await deriveScramKeys(digestOf(conversation), from);
  return { salt, iterationCount: conversation.iters, keys: [{ storedKey, serverKey }] };
}

function serverOf(conversation: Conversation) {
  return talkScramBy(
    {
      initialResponse: stepOf(conversation, 0),
      backend: {
        ...fakeBackend(),
        admitProved: async (user) => ({ kind: "known", account: user }),
      },
      binding: () => undefined,
      offersPlus: false,
      hostName: "",
      nowMs: FAKE_MEANS.clock.nowMs,
      randomBytes: () => Buffer.alloc(0),
    },
    {
      mechanism: "SCRAM-SHA-256",
      digest: digestOf(conversation),
      isPlus: false,
      nonce: conversation.serverNonce,
      findVerifiers: () => verifiersOf(conversation),
    },
  );
}

function clientOf(conversation: Conversation) {
  const { user, skipSASLprep, clientNonce } = conversation;
  return askScramBy({
    digest: digestOf(conversation),
    user: skipSASLprep ? user : (saslprep(user) ?? ""),
    password: passwordOf(conversation),
    nonce: clientNonce,
    binding: "n",
  });
}

/** Our server says what the conversation's server says. */
async function playServer(conversation: Conversation): Promise<string> {
  const server = serverOf(conversation);
  const first = await server.next();
  assert.equal(textOf(first.done === true ? undefined : first.value), conversation.steps[1]);
  const second = await server.next(stepOf(conversation, 2));
  if (second.done === true) {
    return second.value.kind === "failed" ? second.value.fault.kind : "no proof";
  }
  assert.equal(textOf(second.value), conversation.steps[3]);
  const last = await server.next(stepOf(conversation, 4));
  return last.done === true ? last.value.kind : "more";
}

/** Our client says what the conversation's client says; how it ends. */
async function playClient(conversation: Conversation): Promise<string> {
  const client = clientOf(conversation);
  for (let index = 0; index <= conversation.steps.length; index += 2) {
    const move = await (index === 0 ? client.next() : client.next(stepOf(conversation, index - 1)));
    if (move.done === true) return move.value;
    assert.equal(textOf(move.value.bytes), conversation.steps[index]);
    if (move.value.isComplete) return "believes";
  }
  return "goes on";
}

function readConversations(group: (typeof GROUPS)[number]): readonly Conversation[] {
  return readdirSync(join(SUITE, group)).map((name) =>
    JSON.parse(readFileSync(join(SUITE, group, name), "utf8")),
  );
}

test("SCRAM's published conversations, by our server and our client", async (t) => {
  if (!existsSync(SUITE)) {
    t.diagnostic("the SCRAM suite is not present: nothing compared");
    return;
  }
  let count = 0;
  for (const conversation of readConversations("good")) {
    assert.equal(await playServer(conversation), "succeeded", conversation.label);
    assert.equal(await playClient(conversation), "believes", conversation.label);
    count += 1;
  }
  for (const conversation of readConversations("bad-server")) {
    assert.match(await playClient(conversation), /does not know the password/, conversation.label);
    count += 1;
  }
  for (const conversation of readConversations("bad-client")) {
    // We don't tell an unknown user from a wrong password: that one gets a decoy and fails later.
    if (conversation.steps.length > 2) {
      assert.equal(await playServer(conversation), "credentials", conversation.label);
    }
    const client = clientOf(conversation);
    await client.next();
    const end = await client.next(Buffer.from(conversation.steps.at(-1) ?? ""));
    assert.match(
      typeof end.value === "string" ? end.value : "",
      /the server says (?:unknown-user|invalid-proof)/,
    );
    count += 1;
  }
  assert.ok(count >= 19, `${count} conversations`);
  t.diagnostic(`${count} conversations compared`);
});

const RFC7677 = {
  nonce: "rOprNGfwEbeRWgbNEkqO",
  first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst:
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  final:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

test("the example of RFC 7677 §3", async () => {
  const { nonce } = RFC7677;
  const client = askScramBy({
    digest: "sha256",
    user: "user",
    password: "pencil",
    nonce,
    binding: "n",
  });
  const said = async (move: ReturnType<typeof client.next>) => {
    const { value } = await move;
    return typeof value === "string" ? value : textOf(value.bytes);
  };
  assert.equal(await said(client.next()), RFC7677.first);
  assert.equal(await said(client.next(Buffer.from(RFC7677.serverFirst))), RFC7677.final);
  const end = await client.next(Buffer.from(RFC7677.serverFinal));
  assert.deepEqual(end.value, { bytes: new Uint8Array(), isComplete: true });
});
