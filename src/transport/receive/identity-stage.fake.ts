import type { Authenticator, LogonStep } from "../../authentication/authenticator.ts";
import { address } from "../../mail/address.fake.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import type { PeerCertificateFacts } from "../../smtp/session-handler.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { type Stage, setUp } from "./receive-stage.fake.ts";
import { sampleConnector, sampleMailbox } from "./sample-organization.fake.ts";

const ALICE = sampleMailbox("alice@contoso.test", "a.smith@contoso.test");
const SALES = {
  ...sampleMailbox("sales@contoso.test"),
  sendAs: [address("alice@contoso.test")],
};
const INTERNAL_ONLY = {
  ...sampleMailbox("board@contoso.test"),
  requireSenderAuthenticationEnabled: true,
};
const RECIPIENTS = [ALICE, SALES, INTERNAL_ONLY];

/** `AUTH PLAIN` with the password "right" for alice, "scan" for her scanner. */
export function fakeAuthenticator(): Authenticator & { readonly cancelled: string[] } {
  const cancelled: string[] = [];
  const scanner = { name: "Scanner", senders: ["a.smith@contoso.test"], messagesPerHour: Infinity };
  return {
    cancelled,
    mechanisms: (_, { encrypted }) => (encrypted ? ["PLAIN", "LOGIN"] : []),
    begin: (mechanism) => ({
      async next(response): Promise<LogonStep> {
        if (response === undefined) return { kind: "challenge", bytes: Buffer.from("go on") };
        const text = Buffer.from(response).toString();
        const account = "alice@contoso.test";
        const logon = { account, mailbox: ALICE, mechanism };
        if (text === "right") {
          return { kind: "succeeded", logon: { ...logon, appPassword: undefined } };
        }
        if (text === "scan")
          return { kind: "succeeded", logon: { ...logon, appPassword: scanner } };
        const reasons = ["malformed", "temporary", "locked"] as const;
        const reason = reasons.find((one) => one === text) ?? "credentials";
        return { kind: "failed", reason, detail: "" };
      },
      cancel: () => void cancelled.push(mechanism),
    }),
  };
}

/** Users only. */
export const USERS = sampleConnector({ permissionGroups: ["ExchangeUsers"] });

/** A receive stage where alice, sales (as which she may send) and board are. */
export function stageOf(connector: ReceiveConnector, more: Parameters<typeof setUp>[0] = {}) {
  return setUp({
    connector,
    recipients: RECIPIENTS,
    authenticator: fakeAuthenticator(),
    ...more,
  });
}

/** A session that has TLS. */
export async function talkTo(stage: Stage, certificate?: PeerCertificateFacts) {
  const talk = new MachineTalk(stage.session());
  talk.certificate = certificate;
  await talk.say("EHLO client.test");
  await talk.say("STARTTLS");
  await talk.say("EHLO client.test");
  return talk;
}

/** As AUTH wants it. */
export const base64 = (text: string) => Buffer.from(text).toString("base64");
/** Says AUTH with that password. */
export const logOn = (talk: MachineTalk, word = "right") => talk.say(`AUTH PLAIN ${base64(word)}`);
/** Fields that nobody minds. */
export const HEADER =
  "Subject: x\r\nMessage-ID: <1@x.test>\r\nDate: Fri, 5 Aug 2016 16:24:41 -0700";
/** What who may not send as somebody is told. */
export const NO_SEND_AS =
  "550 5.7.60 SMTP; Client does not have permissions to send as this sender";

/** Sends a message and returns the reply that ended it. */
export async function send(
  talk: MachineTalk,
  from: string,
  options: { readonly to?: string; readonly header?: string } = {},
) {
  const { to = "bob@contoso.test", header = HEADER } = options;
  const mail = await talk.say(`MAIL FROM:<${from}>`);
  if (!mail.startsWith("250")) return mail;
  const rcpt = await talk.say(`RCPT TO:<${to}>`);
  if (!rcpt.startsWith("250")) return rcpt;
  await talk.say("DATA");
  return talk.say(...header.split("\r\n"), "", "Hello", ".");
}
