import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { SECOND } from "../base/units.ts";
import { type PipelineEventName, TIME_LIMIT_DEFAULT_MS } from "../org/agent-table.ts";
import { installedAgent } from "../org/agents-in-force.ts";
import type { Organization } from "../org/organization.ts";
import type { TransportAgentSettings } from "../org/transport-agent-settings.ts";
import {
  type AgentReport,
  type ModuleFacts,
  reportAgents,
} from "../transport/agents/agent-report.ts";
import { AgentGuards, type InstalledAgents } from "../transport/agents/agent-roster.ts";
import { type ModuleAgents, moduleAgents } from "../transport/agents/module-agent.ts";
import type { ReceiveAgent } from "../transport/agents/receive-agent.ts";
import type { RoutingAgent } from "../transport/agents/routing-agent.ts";
import { AgentModuleHost } from "./agent-module-host.ts";
import type { TransportThreadCalls } from "./thread-calls.ts";

/** Below the data directory: where modules are looked for that are not named by a whole path. */
const AGENTS = "agents";
/**
 * What a module that has never been loaded is taken to hear: all mail passes by one of them, and
 * meets the agent's fail mode there.
 */
const UNKNOWN_EVENTS: readonly PipelineEventName[] = ["OnEndOfData", "OnSubmittedMessage"];

interface Installed {
  readonly name: string;
  /** Path, time and size of the file that it was loaded from. */
  readonly stamp: string;
  readonly host: AgentModuleHost;
  timeLimitMs: number;
  facts: ModuleFacts;
  loadFault: string;
  agents: ModuleAgents;
}

/** What the installed agents of one thread are made of. */
export interface AgentModulesParts {
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, "error" | "info" | "warn">;
  readonly dataDirectory: string;
}

/** The installed agents of one transport thread, each in a thread of its own. */
export class AgentModules {
  /** Those of our own agents too. */
  readonly guards: AgentGuards;
  readonly #parts: AgentModulesParts;
  #installed: readonly Installed[] = [];
  /** Made anew with each change: they are asked for with each session and message. */
  #receive: InstalledAgents<ReceiveAgent> = { version: 0, all: [] };
  #routing: InstalledAgents<RoutingAgent> = { version: 0, all: [] };
  #using: Promise<void> = Promise.resolve();
  /** Those that are to be loaded anew, whatever has become of their files. */
  readonly #stale = new Set<string>();

  constructor(parts: AgentModulesParts) {
    this.#parts = parts;
    this.guards = new AgentGuards(parts);
  }

  /**
   * Loads what an organization has installed and enabled; a file that has changed is loaded anew.
   * To be waited for before that organization is in force, so that no mail passes meanwhile.
   */
  use({ transportAgents }: Organization): Promise<void> {
    const wanted = transportAgents.filter(
      ({ enabled, modulePath }) => modulePath !== undefined && enabled !== false,
    );
    this.#using = this.#using.then(() => this.#use(wanted));
    return this.#using;
  }

  /** Loads that agent's module anew, and forgets what it has done. */
  reload(organization: Organization, name: string): Promise<void> {
    this.#stale.add(name);
    return this.use(organization);
  }

  /** Those that judge sessions. */
  readonly receive = (): InstalledAgents<ReceiveAgent> => this.#receive;

  /** Those that judge in the categorizer. */
  readonly routing = (): InstalledAgents<RoutingAgent> => this.#routing;

  /** How all agents of this thread are, our own too. */
  report(): readonly AgentReport[] {
    const modules = this.#installed.map(({ name, facts, loadFault }) => ({
      ...{ name, ...facts, loadFault },
    }));
    return reportAgents(this.guards.health(), modules);
  }

  /** Ends their threads; who still asks has no answer to wait for. */
  async close(): Promise<void> {
    await Promise.all(this.#installed.map(({ host }) => host.close()));
  }

  async #use(wanted: readonly TransportAgentSettings[]): Promise<void> {
    if (wanted.length + this.#installed.length === 0) return;
    const next = await Promise.all(wanted.map((settings) => this.#take(settings)));
    const before = this.#installed;
    this.#installed = next;
    this.#changed();
    for (const one of before) if (!next.includes(one)) one.host.retire();
  }

  async #take(settings: TransportAgentSettings): Promise<Installed> {
    const { name, modulePath = "", timeLimitMs = TIME_LIMIT_DEFAULT_MS } = settings;
    const path = agentModulePath(this.#parts.dataDirectory, modulePath);
    const stamp = await stampOf(path);
    const known = this.#installed.find((one) => one.name === name);
    const isStale = this.#stale.delete(name) || known?.loadFault !== "";
    if (known?.stamp === stamp && !isStale) {
      known.timeLimitMs = timeLimitMs;
      return known;
    }
    if (known !== undefined) this.guards.forget(name);
    const { clock, diagnostics } = this.#parts;
    const host = new AgentModuleHost({
      ...{ agent: name, clock, diagnostics, url: pathToFileURL(path).href },
      timeLimitMs: () => installed.timeLimitMs,
      loaded: (facts) => this.#loaded(installed, facts),
    });
    const facts = { description: "", events: UNKNOWN_EVENTS };
    const installed: Installed = {
      ...{ name, stamp, host, timeLimitMs, facts, loadFault: "it is being loaded" },
      agents: agentsOf(name, facts, host),
    };
    await host.load();
    return installed;
  }

  /** Also when it is started again; what it hears may have become something else. */
  #loaded(installed: Installed, facts: Result<ModuleFacts, string>): void {
    const { name, host } = installed;
    if (!facts.ok) {
      installed.loadFault = facts.fault;
      this.#parts.diagnostics.error("agent-module-not-loaded", {
        agent: name,
        reason: facts.fault,
      });
      return;
    }
    installed.loadFault = "";
    const isSame = facts.value.events.join() === installed.facts.events.join();
    installed.facts = facts.value;
    if (isSame) return;
    installed.agents = agentsOf(name, facts.value, host);
    this.#changed();
  }

  #changed(): void {
    const version = this.#receive.version + 1;
    const agents = this.#installed.map((installed) => installed.agents);
    this.#receive = { version, all: agents.flatMap(({ receive }) => receive ?? []) };
    this.#routing = { version, all: agents.flatMap(({ routing }) => routing ?? []) };
  }
}

/** What a transport thread may be asked about its agents. */
export function agentThreadCalls(
  modules: AgentModules,
  organization: () => Organization,
): Pick<TransportThreadCalls, "agentReport" | "reloadAgent"> {
  return {
    agentReport: () => modules.report(),
    reloadAgent: (name) => modules.reload(organization(), name),
  };
}

/** Where a module is: a path that is not whole is one below the data directory's `agents`. */
export function agentModulePath(dataDirectory: string, modulePath: string): string {
  return resolve(join(dataDirectory, AGENTS), modulePath);
}

/** Whether there is a file; nothing of it is read or run. */
export async function findAgentModule(
  { dataDirectory }: Pick<AgentModulesParts, "dataDirectory">,
  modulePath: string,
): Promise<Result<undefined, string>> {
  const path = agentModulePath(dataDirectory, modulePath);
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? ok(undefined) : fault(`there is no file ${path}`);
}

/** Loads a module once, to see what it is, and ends it. */
export async function checkAgentModule(
  { clock, diagnostics, dataDirectory }: AgentModulesParts,
  modulePath: string,
): Promise<Result<ModuleFacts, string>> {
  const path = agentModulePath(dataDirectory, modulePath);
  const host = new AgentModuleHost({
    ...{ agent: path, clock, diagnostics, url: pathToFileURL(path).href },
    timeLimitMs: () => SECOND,
  });
  const facts = await host.load();
  await host.close();
  return facts;
}

function agentsOf(name: string, facts: ModuleFacts, host: AgentModuleHost): ModuleAgents {
  const { description: doc, events } = facts;
  return moduleAgents({ ...installedAgent({ name }), events, doc }, host.ask);
}

/** What is not there has a stamp too: it may come. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return `${path} ${found?.mtimeMs} ${found?.size}`;
}
