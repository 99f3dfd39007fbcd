import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  AuthorityKeyIdentifierExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { fakeClock } from "../base/clock.fake.ts";
import type { Clock } from "../base/clock.ts";
import { type DiagnosticFields, silentDiagnostics } from "../base/diagnostics.ts";
import { DAY, HOUR, MINUTE } from "../base/units.ts";
import type { AcmeAnswer } from "./acme-exchange.ts";
import { AcmeJob, type AcmePlan } from "./acme-job.ts";
import { fakeAuthority, type Respond } from "./authority.fake.ts";

const ORIGIN = "https://acme.test";
const PLAN: AcmePlan = {
  directoryUrl: `${ORIGIN}/directory`,
  contact: [],
  domains: ["a.test", "b.test"],
  challenge: "http-01",
  httpListen: undefined,
  dnsHook: undefined,
  caFile: undefined,
  termsOfServiceAgreed: true,
};
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const issuer = await webcrypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);

async function sign(request: string, fromMs: number): Promise<string> {
  const { publicKey, extensions } = new Pkcs10CertificateRequest(Buffer.from(request, "base64url"));
  const names = extensions.filter((one) => one instanceof SubjectAlternativeNameExtension);
  const keyId = await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: `01${randomBytes(8).toString("hex")}`,
      subject: "CN=a.test",
      issuer: "CN=Fake",
      notBefore: new Date(fromMs),
      notAfter: new Date(fromMs + 90 * DAY),
      publicKey,
      signingKey: issuer.privateKey,
      signingAlgorithm: ECDSA,
      extensions: [...names, keyId],
    },
    webcrypto,
  );
  return certificate.toString("pem");
}

interface State {
  orders: number;
  status: string;
  pem: Promise<string>;
  fault: string;
  ari: string;
  /** How far the authority's clock is behind ours. */
  behindMs: number;
}

/** What the authority does: every order is ready at once, and signed when it is finalized. */
function respondTo(state: State, clock: Clock): Respond {
  const orderAnswer = (): Partial<AcmeAnswer> => ({
    headers: { location: `${ORIGIN}/order/1` },
    body: JSON.stringify({
      status: state.status,
      authorizations: [],
      finalize: `${ORIGIN}/finalize`,
      ...(state.status === "valid" && { certificate: `${ORIGIN}/certificate` }),
    }),
  });
  return (path, payload) => {
    if (path.startsWith("/ari/")) return { body: state.ari };
    if (path === "/order" && state.fault !== "") {
      return { status: 429, body: JSON.stringify({ type: state.fault }) };
    }
    if (path === "/order") {
      state.orders += 1;
      state.status = "ready";
    }
    if (path === "/finalize" && payload !== null && typeof payload === "object") {
      state.pem = sign("csr" in payload ? String(payload.csr) : "", clock.nowMs() - state.behindMs);
      state.status = "valid";
    }
    if (path === "/certificate") return undefined;
    return path === "/account" ? undefined : orderAnswer();
  };
}

async function openJob(t: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "postrider-job-"));
  t.after(() => rm(dataDirectory, { recursive: true, force: true }));
  const directory = join(dataDirectory, "certificates");
  const clock = fakeClock(Date.UTC(2026, 0, 1), [0]);
  const state: State = {
    orders: 0,
    status: "ready",
    pem: Promise.resolve(""),
    fault: "",
    ari: "",
    behindMs: 0,
  };
  const authority = fakeAuthority(respondTo(state, clock), { renewalInfo: `${ORIGIN}/ari` });
  const said: [string, DiagnosticFields][] = [];
  const tell = (event: string, fields: DiagnosticFields = {}) => void said.push([event, fields]);
  let installed = 0;
  const makeJob = () =>
    new AcmeJob({
      directory,
      dataDirectory,
      clock,
      diagnostics: { ...silentDiagnostics, error: tell, warn: tell },
      authorities: () => [],
      openExchange: () => async (request) => {
        const answer = await authority.exchange(request);
        return request.url.endsWith("/certificate")
          ? { ...answer, status: 200, body: await state.pem }
          : answer;
      },
      installed: async () => {
        installed += 1;
      },
    });
  const job = makeJob();
  t.after(() => job.stop());
  const passWith = async (one: AcmeJob, spanMs: number) => {
    clock.advance(spanMs);
    await one.whenIdle();
  };
  const pass = (spanMs: number) => passWith(job, spanMs);
  return {
    job,
    makeJob,
    pass,
    passWith,
    state,
    said,
    clock,
    directory,
    authority,
    installed: () => installed,
  };
}

test("a certificate is ordered once and installed as one file for its owner only", async (t) => {
  const { job, pass, state, directory, installed, said } = await openJob(t);
  job.use(PLAN);
  await pass(1000);
  assert.equal(state.orders, 0);
  await pass(1000);
  assert.deepEqual(said, []);
  const path = join(directory, "acme.pem");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const pem = await readFile(path, "utf8");
  assert.equal(new NodeCertificate(pem).subjectAltName, "DNS:a.test, DNS:b.test");
  assert.match(pem, /BEGIN PRIVATE KEY/);
  assert.ok(!existsSync(join(directory, "acme/order.json")));
  assert.equal(installed(), 1);
  job.use({ ...PLAN });
  for (let hours = 0; hours < 48; hours += 6) await pass(6 * HOUR);
  assert.equal(state.orders, 1);
});

test("what it is at is told, also after a restart", async (t) => {
  const { job, makeJob, pass, passWith, state } = await openJob(t);
  assert.equal(job.state.kind, "Off");
  job.use({ ...PLAN, termsOfServiceAgreed: false });
  assert.equal(job.state.kind, "TermsNotAgreed");
  assert.match(job.state.cure, /termsOfServiceAgreed/);
  state.fault = "urn:ietf:params:acme:error:rateLimited";
  job.use(PLAN);
  assert.deepEqual([job.state.kind, job.state.domains], ["Scheduled", PLAN.domains]);
  await pass(2000);
  const { kind, failures, reason, nextMs, lastMs = 0 } = job.state;
  assert.deepEqual([kind, failures], ["Failed", 1]);
  assert.match(reason, /rateLimited/);
  assert.equal(nextMs, lastMs + HOUR);
  job.stop();
  const next = makeJob();
  t.after(() => next.stop());
  next.use(PLAN);
  await passWith(next, 2000);
  assert.deepEqual([next.state.kind, next.state.reason], ["Failed", reason]);
  state.fault = "";
  await passWith(next, HOUR);
  assert.deepEqual([next.state.kind, next.state.reason, next.state.step], ["Scheduled", "", ""]);
});

test("it is tried at once when somebody says so, and waits no longer for that", async (t) => {
  const { job, pass, state, clock } = await openJob(t);
  job.tryNow();
  assert.equal(job.state.kind, "Off");
  state.fault = "urn:ietf:params:acme:error:rejectedIdentifier";
  job.use(PLAN);
  await pass(2000);
  for (let times = 0; times < 5; times += 1) {
    await pass(1000);
    job.tryNow();
    await pass(0);
    assert.deepEqual([job.state.failures, job.state.lastMs], [1, clock.nowMs()]);
    assert.equal(job.state.nextMs, clock.nowMs() + 5 * MINUTE);
  }
  state.fault = "";
  job.tryNow();
  await pass(0);
  assert.deepEqual([job.state.kind, state.orders], ["Scheduled", 1]);
  // What is not due is not ordered again.
  job.tryNow();
  await pass(0);
  assert.deepEqual([job.state.kind, state.orders], ["Scheduled", 1]);
});

test("it is renewed after two thirds of its life, or when the authority says", async (t) => {
  const { job, pass, state, clock, authority } = await openJob(t);
  job.use(PLAN);
  await pass(2000);
  for (let days = 0; days < 59; days += 1) for (let at = 0; at < 4; at += 1) await pass(6 * HOUR);
  assert.equal(state.orders, 1);
  for (let at = 0; at < 20; at += 1) await pass(6 * HOUR);
  assert.equal(state.orders, 2);
  const start = new Date(clock.nowMs() - HOUR).toISOString();
  const end = new Date(clock.nowMs() - MINUTE).toISOString();
  state.ari = JSON.stringify({ suggestedWindow: { start, end } });
  await pass(6 * HOUR);
  assert.equal(state.orders, 3);
  // An authority that always says "now" does not get an order every minute.
  for (let at = 0; at < 3; at += 1) await pass(6 * HOUR);
  assert.equal(state.orders, 3);
  for (let at = 0; at < 2; at += 1) await pass(6 * HOUR);
  assert.equal(state.orders, 4);
  const last = authority.requests.filter(({ path }) => path === "/order").at(-1);
  assert.match(JSON.stringify(last?.payload), /"replaces":"[\w-]+\.[\w-]+"/);
});

test("a refusal is told, waited for longer each time, not forgotten by a restart", async (t) => {
  const { job, makeJob, pass, passWith, state, said, clock } = await openJob(t);
  state.fault = "urn:ietf:params:acme:error:rejectedIdentifier";
  job.use(PLAN);
  await pass(2000);
  await pass(5 * MINUTE - 1);
  assert.equal(said.length, 1);
  await pass(1);
  assert.equal(said.length, 2);
  const [event, fields] = said[1] ?? [];
  assert.equal(event, "acme-failed");
  assert.match(String(fields?.["cure"]), /correct acme\.domains/);
  assert.equal(fields?.["nextTry"], new Date(clock.nowMs() + 10 * MINUTE).toISOString());
  job.stop();
  const next = makeJob();
  t.after(() => next.stop());
  next.use(PLAN);
  await passWith(next, 2000);
  assert.equal(said.length, 2);
  state.fault = "urn:ietf:params:acme:error:rateLimited";
  await passWith(next, 10 * MINUTE);
  assert.equal(said.length, 3);
  assert.equal(said[2]?.[1]["nextTry"], new Date(clock.nowMs() + HOUR).toISOString());
  // Another plan is another matter.
  state.fault = "";
  next.use({ ...PLAN, domains: ["c.test"] });
  await passWith(next, 2000);
  assert.equal(state.orders, 1);
});

for (const [why, spoil, reason] of [
  ["is damaged", (path: string) => writeFile(path, "-----BEGIN"), /no PEM private key/],
  ["cannot be read", (path: string) => rm(path).then(() => mkdir(path)), /EISDIR/],
] as const) {
  test(`a certificate that ${why} is ordered anew, and why is told`, async (t) => {
    const { job, makeJob, pass, passWith, state, said, directory } = await openJob(t);
    job.use(PLAN);
    await pass(2000);
    job.stop();
    assert.deepEqual([state.orders, said], [1, []]);
    const path = join(directory, "acme.pem");
    await spoil(path);
    const next = makeJob();
    t.after(() => next.stop());
    next.use(PLAN);
    await passWith(next, 2000);
    assert.equal(state.orders, 2);
    const [event, fields] = said[0] ?? [];
    assert.equal(event, "acme-certificate-unusable");
    assert.equal(fields?.["file"], path);
    assert.match(String(fields?.["reason"]), reason);
  });
}

test("without consent to the terms nothing is asked for", async (t) => {
  const { job, pass, said, authority, directory } = await openJob(t);
  job.use({ ...PLAN, termsOfServiceAgreed: false });
  await pass(DAY);
  assert.deepEqual(authority.requests, []);
  assert.equal(said[0]?.[0], "acme-terms-not-agreed");
  assert.ok(!existsSync(directory));
});

test("a clock that is ahead by months does not order a certificate a minute", async (t) => {
  const { job, pass, state, said, installed } = await openJob(t);
  state.behindMs = 80 * DAY;
  job.use(PLAN);
  await pass(2000);
  for (let minutes = 0; minutes < 12 * 60; minutes += 1) await pass(MINUTE);
  assert.ok(state.orders < 10, `${state.orders} orders`);
  assert.equal(installed(), state.orders);
  assert.match(String(said[0]?.[1]["cure"]), /clock right/);
});

test("what was put off while the clock was ahead is not put off for ever", async (t) => {
  const { job, makeJob, passWith, pass, state, clock, directory } = await openJob(t);
  state.fault = "urn:ietf:params:acme:error:rejectedIdentifier";
  job.use(PLAN);
  await pass(2000);
  job.stop();
  state.fault = "";
  const path = join(directory, "acme", "attempts.json");
  const attempts = JSON.parse(await readFile(path, "utf8"));
  const notBeforeMs = clock.nowMs() + 3650 * DAY;
  await writeFile(path, JSON.stringify({ ...attempts, notBeforeMs }));
  const next = makeJob();
  t.after(() => next.stop());
  next.use(PLAN);
  await passWith(next, 2000);
  assert.equal(state.orders, 1);
});
