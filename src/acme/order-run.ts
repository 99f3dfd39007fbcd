import { rm } from "node:fs/promises";
import { assert } from "../base/assert.ts";
import { KiB } from "../base/units.ts";
import { parsePemMaterial } from "../tls/certificate-material.ts";
import { readBounded, writeDurably } from "../tls/durable-file.ts";
import type { AcmeClient, PlacedOrder } from "./acme-client.ts";
import { AcmeFailure } from "./acme-failure.ts";
import { makeCertificateKey, makeCertificateRequest } from "./certificate-request.ts";
import type { ChallengeSolver } from "./challenge-solver.ts";

/** What to get and how. */
export interface OrderPlan {
  readonly client: AcmeClient;
  /** Part of what makes an order ours: another authority's is not gone on with. */
  readonly directoryUrl: string;
  readonly domains: readonly [string, ...string[]];
  /** Opened when a name has to be proved. */
  readonly openSolver: () => Promise<ChallengeSolver>;
  /** Where an order is remembered until it is done; it holds the certificate's key. */
  readonly stateFile: string;
  /** Of the certificate that is renewed (RFC 9773 §5). */
  readonly replaces: string | undefined;
  /** Told of each step as it begins. */
  readonly told: (step: string) => void;
  /** Told of what is left behind and stands in nobody's way. */
  readonly warn: (failure: AcmeFailure) => void;
}

/** A certificate with its chain and its key, PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface OrderState {
  readonly directoryUrl: string;
  readonly domains: readonly string[];
  readonly orderUrl: string;
  readonly keyPem: string;
}

const STATE_BYTES_MAX = 64 * KiB;

/**
 * Takes an order to its end (RFC 8555 §7.1): a new one, or the one that a restart has cut short.
 * The account is open. Rejects with AcmeFailure; what can be gone on with is remembered. Call
 * `forgetOrder` once the certificate is in its place.
 */
export async function runOrder(plan: OrderPlan): Promise<IssuedCertificate> {
  const { client, domains, told } = plan;
  told("places the order");
  const { state, placed } = (await resumeOrder(plan)) ?? (await placeOrder(plan));
  let { order } = placed;
  if (order.status === "pending") {
    await proveNames(plan, order.authorizations);
    order = await client.waitForOrder(placed.url, ["ready", "processing", "valid", "invalid"]);
  }
  told("waits for the certificate");
  if (order.status === "ready") {
    await client.finalize(order.finalize, await makeCertificateRequest(domains, state.keyPem));
  }
  if (order.status === "ready" || order.status === "processing") {
    order = await client.waitForOrder(placed.url, ["valid", "invalid"]);
  }
  if (order.status !== "valid" || order.certificate === undefined) {
    await forgetOrder(plan.stateFile);
    const reason = order.error ?? `the order is ${order.status}`;
    throw new AcmeFailure(`the authority gives no certificate: ${reason}`, "see what it says");
  }
  const text = await client.download(order.certificate);
  try {
    return readIssued({ certificate: text, key: state.keyPem }, domains);
  } catch (error) {
    // It would come again and again.
    await forgetOrder(plan.stateFile);
    throw error;
  }
}

/** The order is done: the next one is a new one. */
export function forgetOrder(stateFile: string): Promise<void> {
  return rm(stateFile, { force: true });
}

interface Ongoing {
  readonly state: OrderState;
  readonly placed: PlacedOrder;
}

async function placeOrder(plan: OrderPlan): Promise<Ongoing> {
  const { client, directoryUrl, domains, replaces, stateFile } = plan;
  const placed = await client.newOrder(domains, replaces);
  const keyPem = makeCertificateKey();
  const state: OrderState = { directoryUrl, domains, orderUrl: placed.url, keyPem };
  await writeDurably(stateFile, JSON.stringify(state), 0o600);
  return { state, placed };
}

async function resumeOrder(plan: OrderPlan): Promise<Ongoing | undefined> {
  const state = await readState(plan.stateFile);
  if (state === undefined) return undefined;
  if (state.directoryUrl !== plan.directoryUrl) return undefined;
  if (state.domains.join() !== plan.domains.join()) return undefined;
  try {
    const order = await plan.client.readOrder(state.orderUrl);
    if (order.status !== "invalid") return { state, placed: { url: state.orderUrl, order } };
  } catch (error) {
    // Unknown there by now; whatever else it is, a new order meets it again.
    if (!(error instanceof AcmeFailure)) throw error;
  }
  return undefined;
}

async function readState(path: string): Promise<OrderState | undefined> {
  try {
    const value: unknown = JSON.parse((await readBounded(path, STATE_BYTES_MAX)).toString("utf8"));
    return isState(value) ? value : undefined;
  } catch {
    // None, or not ours: the order begins anew.
    return undefined;
  }
}

function isState(value: unknown): value is OrderState {
  if (typeof value !== "object" || value === null) return false;
  const { directoryUrl, domains, orderUrl, keyPem } = value as Readonly<Record<string, unknown>>;
  return (
    typeof directoryUrl === "string" &&
    typeof orderUrl === "string" &&
    typeof keyPem === "string" &&
    Array.isArray(domains)
  );
}

async function proveNames(plan: OrderPlan, authorizations: readonly string[]): Promise<void> {
  if (authorizations.length > plan.domains.length) {
    throw new AcmeFailure("the authority wants more names proved than were asked for", ODD);
  }
  const solver = await plan.openSolver();
  try {
    for (const url of authorizations) await proveName(plan, solver, url);
  } finally {
    await solver.close();
  }
}

const ODD = "check acme.directoryUrl: that is not what an authority does";

async function proveName(
  { client, domains, told, warn }: OrderPlan,
  solver: ChallengeSolver,
  url: string,
): Promise<void> {
  const { status, domain, challenges } = await client.readAuthorization(url);
  if (status === "valid") return;
  // It becomes a word of the hook's command line.
  if (!domains.includes(domain)) {
    throw new AcmeFailure("the authority wants a name proved that was not asked for", ODD);
  }
  told(`proves ${domain} (${solver.type})`);
  const challenge = challenges.find(({ type }) => type === solver.type);
  if (challenge === undefined) {
    const reason = `the authority takes no ${solver.type} for ${domain}`;
    throw new AcmeFailure(reason, "change acme.challenge");
  }
  const { token } = challenge;
  const proof = { token, keyAuthorization: client.keyAuthorization(token) };
  try {
    await solver.present(domain, proof);
    if (challenge.status === "pending") await client.acceptChallenge(challenge.url);
    const proved = await client.waitForAuthorization(url);
    if (proved.status === "valid") return;
    const said = proved.challenges.find(({ error }) => error !== undefined)?.error;
    throw new AcmeFailure(
      `${domain} is not proved (${solver.type}): ${said ?? proved.status}`,
      solver.type === "http-01"
        ? "let port 80 of that name lead to acme.httpListen of this server"
        : "see that acme.dnsHook publishes the TXT record on every name server of the zone",
    );
  } finally {
    await solver.cleanUp(domain, proof).catch((error: unknown) => {
      if (!(error instanceof AcmeFailure)) throw error;
      warn(error);
    });
  }
}

/** What came, without anything that is neither the certificate nor its chain. */
function readIssued(issued: IssuedCertificate, domains: readonly string[]): IssuedCertificate {
  const parsed = parsePemMaterial({ ...issued, file: "acme.pem", passphrase: undefined });
  if (!parsed.ok) throw unusable(parsed.fault.reason);
  const { names, secret } = parsed.value;
  const missing = domains.find((domain) => !names.includes(domain));
  if (missing !== undefined) throw unusable(`it lacks ${missing}`);
  assert("cert" in secret, "PEM stays PEM");
  return { certificate: secret.cert, key: secret.key };
}

function unusable(reason: string): AcmeFailure {
  return new AcmeFailure(`the certificate that came can't be used: ${reason}`, "ask the authority");
}
