import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import { type Listener, openListener } from "../net/listener.ts";
import type { Endpoint, Organization, ReceiveConnector } from "../org/organization.ts";
import type { AddressRange } from "../org/settings/address-range.ts";
import type { OpenSession } from "../smtp/session-handler.ts";
import { holdsAddress } from "../transport/receive/select-connector.ts";

/** A handshake that takes longer ends the session. */
const HANDSHAKE_TIMEOUT_MS = 30 * SECOND;
/** How long running transactions may take when their binding has gone from the configuration. */
const CLOSED_BINDING_LIMIT_MS = 60 * SECOND;

/** What the listeners of one thread have in common. */
export interface DoorParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  readonly openSession: OpenSession;
}

/** The listeners of one thread: one per binding, whatever number of connectors share it. */
export class Doors {
  readonly #parts: DoorParts;
  readonly #open = new Map<string, Listener>();
  /** By binding: the load balancers whose connections begin with a PROXY header. */
  #proxies: ReadonlyMap<string, readonly AddressRange[]> = new Map();
  #used: Promise<void> = Promise.resolve();

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /**
   * Opens what the connectors bind to and is not open, closes the rest. Resolves with what could
   * not be opened.
   */
  use(organization: Organization): Promise<readonly string[]> {
    // One after another: two at once would both open what is missing.
    const used = this.#used.then(() => this.#use(organization));
    this.#used = used.then(
      () => undefined,
      () => undefined,
    );
    return used;
  }

  async #use(organization: Organization): Promise<readonly string[]> {
    const wanted = listBindings(organization.receiveConnectors);
    this.#proxies = new Map([...wanted].map(([key, { proxies }]) => [key, proxies]));
    for (const [key, listener] of this.#open) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      void listener.stop(CLOSED_BINDING_LIMIT_MS);
    }
    const problems: string[] = [];
    for (const [key, { endpoint, implicitTls }] of wanted) {
      if (this.#open.has(key)) continue;
      const opened = await openListener({
        ...endpoint,
        ...this.#parts,
        implicitTls,
        isTrustedProxy: (address) => holdsAddress(this.#proxies.get(key) ?? [], address),
        handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      });
      if (opened.ok) this.#open.set(key, opened.value);
      else problems.push(opened.fault.message);
    }
    return problems;
  }

  /** Sessions open now. */
  get sessionCount(): number {
    return [...this.#open.values()].reduce((sum, { sessionCount }) => sum + sessionCount, 0);
  }

  /**
   * Takes no new connections; resolves when every session is over, after `limitMs` at the latest.
   */
  async stop(limitMs: number): Promise<void> {
    await Promise.all([...this.#open.values()].map((listener) => listener.stop(limitMs)));
    this.#open.clear();
  }
}

interface Binding {
  readonly endpoint: Endpoint;
  readonly implicitTls: boolean;
  /** Of all connectors with this binding. */
  readonly proxies: AddressRange[];
}

function listBindings(connectors: readonly ReceiveConnector[]): ReadonlyMap<string, Binding> {
  const bindings = new Map<string, Binding>();
  for (const connector of connectors) {
    if (!connector.enabled) continue;
    for (const endpoint of connector.bindings) {
      const implicitTls = connector.implicitTlsEnabled;
      const key = `${endpoint.address} ${endpoint.port} ${implicitTls}`;
      const known = bindings.get(key);
      if (known !== undefined) known.proxies.push(...connector.proxyProtocolSources);
      else {
        const proxies = [...connector.proxyProtocolSources];
        bindings.set(key, { endpoint, implicitTls, proxies });
      }
    }
  }
  return bindings;
}
