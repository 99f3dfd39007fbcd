import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAKE_MEANS,
  type FakeBackend,
  fakeBackend,
  fakeChannel,
} from "./credential-backend.fake.ts";
import type { GssapiAcceptor, GssapiContext, ServerStep } from "./mechanism.ts";
import { createServerExchange } from "./server-exchange.ts";

const GONE = () => Promise.reject(new Error("the process is gone"));

/** A Kerberos that takes `ticket` for alice's; its wrapping is an angle bracket each side. */
interface FakeKerberos extends Partial<GssapiContext> {
  /** Tokens that go back and forth before it is complete. */
  readonly rounds?: number;
  /** What goes out with completion. */
  readonly lastToken?: string;
  readonly principal?: string;
  readonly channelBound?: boolean;
  readonly open?: GssapiAcceptor["open"];
}

interface Played {
  readonly said: readonly string[];
  /** What our log is told of the last step, if it failed. */
  readonly detail: string | undefined;
  readonly closed: number;
  readonly channelBinding: string | undefined;
  readonly backend: FakeBackend;
}

async function play(
  messages: readonly (string | undefined)[],
  kerberos: FakeKerberos = {},
  policy: "None" | "Allow" | "Require" = "Allow",
): Promise<Played> {
  let closed = 0;
  let channelBinding: string | undefined;
  let left = kerberos.rounds ?? 0;
  const { principal = "alice@CONTOSO.TEST", channelBound = false, lastToken = "" } = kerberos;
  const context: GssapiContext = {
    accept: async (token) => {
      if (Buffer.from(token).toString() !== "ticket") return { ok: false, detail: "no ticket" };
      left -= 1;
      const isComplete = left < 0;
      const answer = Buffer.from(isComplete ? lastToken : "more");
      return {
        ok: true,
        token: answer,
        principal: isComplete ? principal : undefined,
        channelBound,
      };
    },
    wrap: async (message) => Buffer.from(`<${Buffer.from(message).toString("latin1")}>`, "latin1"),
    unwrap: async (message) => {
      const text = /^<(.*)>$/s.exec(Buffer.from(message).toString("latin1"))?.[1];
      return text === undefined ? undefined : Buffer.from(text, "latin1");
    },
    close: () => {
      closed += 1;
    },
    ...kerberos,
  };
  const open: GssapiAcceptor["open"] = async (options) => {
    channelBinding =
      options.channelBinding && Buffer.from(options.channelBinding).toString("latin1");
    assert.equal(options.hostName, "mail.contoso.test");
    return context;
  };
  const gssapi = { open: kerberos.open ?? open };
  const backend = fakeBackend({ gssapi, channelBindingPolicy: policy });
  const exchange = createServerExchange("GSSAPI", backend, fakeChannel("tls"), FAKE_MEANS);
  const said: string[] = [];
  let detail: string | undefined;
  for (const message of messages) {
    const bytes = message === undefined ? undefined : Buffer.from(message, "latin1");
    const step = await exchange.next(bytes);
    said.push(describe(step));
    detail = step.kind === "failed" ? step.fault.detail : undefined;
  }
  exchange.cancel();
  // The cancelled talk ends in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  return { said, detail, closed, channelBinding, backend };
}

function describe(step: ServerStep<string>): string {
  if (step.kind === "challenge") return `> ${Buffer.from(step.bytes).toString("latin1")}`;
  return step.kind === "succeeded" ? `ok ${step.user}` : step.fault.kind;
}

const OFFER = "> <\u0001\0\0\0>";
const CHOICE = "<\u0001\0\0\0>";

for (const [why, messages, kerberos, want] of [
  ["a ticket", ["ticket", CHOICE], {}, [OFFER, "ok alice"]],
  ["asked first", [undefined, "ticket", CHOICE], {}, ["> ", OFFER, "ok alice"]],
  [
    "a last token, answered with nothing",
    ["ticket", "", CHOICE],
    { lastToken: "us" },
    ["> us", OFFER, "ok alice"],
  ],
  ["a last token, answered", ["ticket", "x"], { lastToken: "us" }, ["> us", "malformed"]],
  ["two rounds", ["ticket", "ticket", CHOICE], { rounds: 1 }, ["> more", OFFER, "ok alice"]],
  [
    "rounds without end",
    Array.from({ length: 9 }, () => "ticket"),
    { rounds: 100 },
    [...Array.from({ length: 8 }, () => "> more"), "malformed"],
  ],
  ["no ticket", ["forged"], {}, ["credentials"]],
  ["as himself", ["ticket", "<\u0001\0\0\0alice>"], {}, [OFFER, "ok alice"]],
  ["as himself in C", ["ticket", "<\u0001\0\0\0alice\0>"], {}, [OFFER, "ok alice"]],
  ["as somebody else", ["ticket", "<\u0001\0\0\0bob>"], {}, [OFFER, "credentials"]],
  [
    "a buffer without a layer, as Java says",
    ["ticket", "<\u0001\0\u00ff\0>"],
    {},
    [OFFER, "ok alice"],
  ],
  ["integrity", ["ticket", "<\u0002\0\u00ff\0>"], {}, [OFFER, "malformed"]],
  ["confidentiality", ["ticket", "<\u0004\0\u00ff\0>"], {}, [OFFER, "malformed"]],
  ["all layers at once", ["ticket", "<\u0007\0\0\0>"], {}, [OFFER, "malformed"]],
  ["no layer at all", ["ticket", "<\0\0\0\0>"], {}, [OFFER, "malformed"]],
  ["three bytes", ["ticket", "<\u0001\0\0>"], {}, [OFFER, "malformed"]],
  ["not wrapped", ["ticket", "\u0001\0\0\0"], {}, [OFFER, "credentials"]],
  ["no UTF-8", ["ticket", "<\u0001\0\0\0\u00ff>"], {}, [OFFER, "malformed"]],
  ["a line break", ["ticket", "<\u0001\0\0\0a\n>"], {}, [OFFER, "malformed"]],
  ["gone before accept", ["ticket"], { accept: GONE }, ["temporary"]],
  ["gone before wrap", ["ticket"], { wrap: GONE }, ["temporary"]],
  ["gone before unwrap", ["ticket", CHOICE], { unwrap: GONE }, [OFFER, "temporary"]],
  ["another user", ["ticket", CHOICE], { principal: "bob@CONTOSO.TEST" }, [OFFER, "credentials"]],
] as const) {
  test(`GSSAPI's server: ${why}`, async () => {
    const { said, closed } = await play(messages, kerberos);
    assert.deepEqual(said, want);
    assert.equal(closed, 1, "the context is freed, once");
  });
}

test("a Kerberos that is gone from the start", async () => {
  const { said, closed } = await play(["ticket"], { open: GONE });
  assert.deepEqual(said, ["temporary"]);
  assert.equal(closed, 0);
});

for (const [call, messages] of [
  ["open", ["ticket"]],
  ["accept", ["ticket"]],
  ["wrap", ["ticket"]],
  ["unwrap", ["ticket", CHOICE]],
] as const) {
  test(`the log is told why Kerberos could not be asked: ${call}`, async () => {
    const busy = () => Promise.reject(new Error("too many Kerberos logons at once"));
    const { detail } = await play(messages, { [call]: busy });
    assert.equal(detail, "GSSAPI: too many Kerberos logons at once");
  });
}

test("who only asks for it, without a ticket, gets no context", async () => {
  const { said, closed } = await play([undefined], {
    open: () => assert.fail("contexts are few"),
  });
  assert.deepEqual(said, ["> "]);
  assert.equal(closed, 0);
});

test("a client that gives up midway frees the context", async () => {
  const { said, closed } = await play(["ticket"]);
  assert.deepEqual(said, [OFFER]);
  assert.equal(closed, 1);
});

test("the realm goes to the backend, the user without it", async () => {
  const { backend } = await play(["ticket", CHOICE]);
  assert.deepEqual(backend.lastProof(), { mechanism: "GSSAPI", domain: "CONTOSO.TEST" });
});

for (const [policy, channelBound, want] of [
  ["None", false, OFFER],
  ["Allow", false, OFFER],
  ["Allow", true, OFFER],
  ["Require", false, "credentials"],
  ["Require", true, OFFER],
] as const) {
  test(`GSSAPI's server: ${policy}, ${channelBound ? "bound" : "not bound"}`, async () => {
    const { said, channelBinding } = await play(["ticket"], { channelBound }, policy);
    assert.deepEqual(said, [want]);
    const data = fakeChannel("tls").binding("tls-server-end-point") ?? [];
    const ours = `tls-server-end-point:${Buffer.from(data).toString("latin1")}`;
    assert.equal(channelBinding, policy === "None" ? undefined : ours);
  });
}
