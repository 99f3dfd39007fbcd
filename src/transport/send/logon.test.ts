import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import type { OAuthClient } from "../../org/access-settings.ts";
import type { SendConnector } from "../../org/organization.ts";
import { joinFlags, NTLM_FLAG } from "../../sasl/ntlm-flags.ts";
import { formatChallenge } from "../../sasl/ntlm-message.ts";
import { AV } from "../../sasl/ntlm-target-info.ts";
import type { LogonAnswer } from "../../smtp/client-logon.ts";
import type { ServerReply } from "../../smtp/reply-parser.ts";
import { makeConnector } from "./lane.fake.ts";
import { LogonConversation, type LogonOffer } from "./logon.ts";

const TLS = { version: "TLSv1.3", cipher: "TLS_X", serverName: undefined };
const OAUTH: OAuthClient = {
  tokenEndpoint: "https://login.test/t",
  clientId: "app",
  clientSecret: "sealed",
  scope: "s",
  userName: "a@b.test",
};
const PASSWORD = {
  smartHostAuthMechanism: "BasicAuth",
  authenticationCredential: { userName: "u", password: "sealed:pass word" },
} as const satisfies Partial<SendConnector>;

function offer(...mechanisms: readonly string[]): LogonOffer {
  return { mechanisms, tls: TLS, hostName: "relay.test" };
}

function reply(code: number, ...lines: readonly string[]): ServerReply {
  return { code, lines };
}

/** A conversation; tokens are t1, t2, … and `forgotten` counts how often one was. */
function open(changes: Partial<SendConnector>) {
  let forgotten = 0;
  const conversation = new LogonConversation(makeConnector(changes), {
    clock: fakeClock(),
    openSecret: (sealed) => /^sealed:(.*)$/.exec(sealed)?.[1],
    tokens: {
      token: () => Promise.resolve({ ok: true, value: `t${forgotten + 1}` }),
      forget: () => {
        forgotten += 1;
      },
    },
  });
  return { conversation, forgottenCount: () => forgotten };
}

function textOf(answer: LogonAnswer): string {
  assert.equal(answer.kind, "give-up");
  return answer.kind === "give-up" ? answer.text : "";
}

function sentText(answer: LogonAnswer): string {
  assert.equal(answer.kind, "authenticate");
  if (answer.kind !== "authenticate") return "";
  return `${answer.mechanism} ${Buffer.from(answer.first.bytes ?? []).toString()}`;
}

test("a password is opened for the exchange, and taken out of what the server says", async () => {
  const { conversation } = open(PASSWORD);
  const first = await conversation.begin(offer("PLAIN"), undefined);
  assert.equal(sentText(first), "PLAIN \0u\0pass word");
  const sent = Buffer.from("\0u\0pass word").toString("base64");
  const refused = reply(535, `5.7.8 I don't know ${sent}, that is pass word`);
  assert.equal(
    textOf(await conversation.begin(offer("PLAIN"), refused)),
    'Send connector "Out" cannot log on to relay.test: PLAIN was answered with ' +
      `"535 5.7.8 I don't know ***, that is ***"; check authenticationCredential of the connector`,
  );
});

test("a temporary fault needs no mending", async () => {
  const { conversation } = open(PASSWORD);
  await conversation.begin(offer("PLAIN"), undefined);
  const text = textOf(await conversation.begin(offer("PLAIN"), reply(454, "4.7.0 later")));
  assert.match(text, /PLAIN was answered with "454 4\.7\.0 later"$/);
});

test("a password of another key file is said to be one", async () => {
  const credential = { userName: "u", password: "foreign" };
  const { conversation } = open({ ...PASSWORD, authenticationCredential: credential });
  const text = textOf(await conversation.begin(offer("PLAIN"), undefined));
  assert.match(text, /authenticationCredential\.password was sealed with another key file/);
});

test("a refused token is renewed once, and then it is the administrator's turn", async () => {
  const { conversation, forgottenCount } = open({
    smartHostAuthMechanism: "OAuth",
    oauthClient: OAUTH,
  });
  const first = await conversation.begin(offer("XOAUTH2"), undefined);
  assert.equal(sentText(first), "XOAUTH2 user=a@b.test\x01auth=Bearer t1\x01\x01");
  const error = await conversation.challenge(Buffer.from('{"status":"401"}'));
  assert.equal(error.kind, "respond");
  const second = await conversation.begin(offer("XOAUTH2"), reply(535, "5.7.3 no"));
  assert.match(sentText(second), /Bearer t2/);
  const third = await conversation.begin(offer("XOAUTH2"), reply(535, "5.7.3 no"));
  assert.match(textOf(third), /XOAUTH2 was answered with "535 5\.7\.3 no"; check oauthClient/);
  assert.equal(forgottenCount(), 1);
});

test("a token is not thrown away for a temporary fault", async () => {
  const changes = { smartHostAuthMechanism: "OAuth", oauthClient: OAUTH } as const;
  const { conversation, forgottenCount } = open(changes);
  await conversation.begin(offer("XOAUTH2"), undefined);
  textOf(await conversation.begin(offer("XOAUTH2"), reply(454, "4.7.0 later")));
  assert.equal(forgottenCount(), 0);
});

test("a challenge too many is cancelled, and the fault says so", async () => {
  const { conversation } = open(PASSWORD);
  await conversation.begin(offer("PLAIN"), undefined);
  assert.deepEqual(await conversation.challenge(Buffer.from("more?")), { kind: "cancel" });
  const text = textOf(await conversation.begin(offer("PLAIN"), reply(501, "5.7.0 cancelled")));
  assert.match(text, /PLAIN was broken off: /);
});

test("an answer that no line holds is not sent, whatever the server says of itself", async () => {
  const { conversation } = open({ ...PASSWORD, smartHostAuthMechanism: "Ntlm" });
  await conversation.begin(offer("NTLM"), undefined);
  const challenge = formatChallenge({
    flags: joinFlags(NTLM_FLAG.unicode, NTLM_FLAG.ntlm, NTLM_FLAG.targetInfo),
    serverChallenge: Buffer.alloc(8),
    targetName: "",
    targetInfo: [{ id: AV.dnsComputerName, value: Buffer.alloc(9000) }],
    version: undefined,
  });
  assert.deepEqual(await conversation.challenge(challenge), { kind: "cancel" });
  const text = textOf(await conversation.begin(offer("NTLM"), reply(501, "5.7.0 cancelled")));
  assert.match(text, /NTLM was broken off: the answer is longer than the 9213 bytes/);
});

test("a password that no line holds is never begun with", async () => {
  const authenticationCredential = { userName: "u", password: `sealed:${"é".repeat(5000)}` };
  const { conversation } = open({ ...PASSWORD, authenticationCredential });
  const text = textOf(await conversation.begin(offer("PLAIN"), undefined));
  assert.match(text, /the answer is longer than/);
});
