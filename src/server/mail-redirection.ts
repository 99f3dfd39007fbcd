import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { MailRedirection, RedirectionState } from "../cmdlets/queues/services.ts";
import { parseConfiguration } from "../org/configuration.ts";
import type { SendConnector } from "../org/organization.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { Supervisor } from "./supervisor.ts";

const KIND = "mail-redirection";
const NAME = "Redirect-Message";
const SMTP_PORT = 25;

/** All mail of this server sent to another one, over restarts too, until somebody ends it. */
export class MailRedirectionKeeper implements MailRedirection {
  readonly #parts: {
    readonly records: RecordStore;
    readonly supervisor: Pick<Supervisor, "useRedirection">;
    readonly components: Pick<ComponentKeeper, "request">;
    readonly clock: Clock;
  };
  #state: RedirectionState | undefined;

  constructor(parts: {
    readonly records: RecordStore;
    readonly supervisor: Pick<Supervisor, "useRedirection">;
    readonly components: Pick<ComponentKeeper, "request">;
    readonly clock: Clock;
  }) {
    this.#parts = parts;
  }

  get state(): RedirectionState | undefined {
    return this.#state;
  }

  /** Takes up what was in force before a restart. Rejects with StoreFailure. */
  async open(): Promise<void> {
    const record = await this.#parts.records.read(KIND, NAME);
    if (record === undefined) return;
    const state = JSON.parse(record.json) as RedirectionState;
    const connector = connectorTo(state.targets);
    if (!connector.ok) return;
    this.#state = state;
    this.#parts.supervisor.useRedirection(connector.value);
  }

  begin: MailRedirection["begin"] = async ({ targets, by }) => {
    const connector = connectorTo(targets);
    if (!connector.ok) return connector;
    const { clock, records, supervisor } = this.#parts;
    const state = { targets, by, sinceMs: clock.nowMs() };
    const json = JSON.stringify(state);
    // First: a crash in between must not leave mail sent away while more is taken.
    await this.#service("Draining", by);
    await records.write([{ kind: KIND, key: NAME, json, expiresMs: Number.MAX_SAFE_INTEGER }]);
    this.#state = state;
    supervisor.useRedirection(connector.value);
    return ok(state);
  };

  end: MailRedirection["end"] = async (by) => {
    await this.#parts.records.remove(KIND, [NAME]);
    this.#state = undefined;
    this.#parts.supervisor.useRedirection(undefined);
    await this.#service("Active", by);
  };

  /** Mail that came in meanwhile would go round: none is taken. */
  #service(state: "Draining" | "Active", by: string): Promise<void> {
    const atMs = this.#parts.clock.nowMs();
    const wish = { component: "HubTransport", requester: "Maintenance", state, by, atMs } as const;
    return this.#parts.components.request(wish);
  }
}

/** A send connector with these smart hosts, and nothing else about it. */
function connectorTo(targets: readonly string[]): Result<SendConnector, string> {
  const places = targets.map(splitPort);
  const ports = new Set(places.map(({ port }) => port));
  if (ports.size > 1) return fault("all targets must have the same port");
  const connector = {
    name: NAME,
    addressSpaces: ["SMTP:*;1"],
    smartHosts: places.map(({ host }) => host),
    port: places[0]?.port ?? SMTP_PORT,
  };
  // JSON is YAML: the text is read as a configuration file is, with all its checks.
  const text = JSON.stringify({ sendConnectors: [connector] });
  const options = { fileName: "-Target", hostName: "localhost", cores: 1 };
  const parsed = parseConfiguration(text, options);
  const made = parsed.ok ? parsed.value.organization.sendConnectors[0] : undefined;
  if (made !== undefined) return ok(made);
  return fault("a target is a host name or an address in brackets: mx2.contoso.test, [192.0.2.5]");
}

function splitPort(target: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(target);
  if (match?.[1] === undefined) return { host: target, port: SMTP_PORT };
  return { host: match[1], port: Number(match[2]) };
}
