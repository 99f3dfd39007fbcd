import type { Cmdlet, CmdletInput, Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { IF_MATCH, ifMatchOf } from "../../cmdlet/entity-tag.ts";
import { applySettings, FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { type ParameterTable, requiredParameter } from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import { readSettingInput, settingParameters } from "../../cmdlet/setting-parameters.ts";
import type { TransportAgent } from "../../org/agent-table.ts";
import { agentInForce, allAgents } from "../../org/agents-in-force.ts";
import type { Organization } from "../../org/organization.ts";
import type { ObjectEdit, StoredObject } from "../../org/organization-editor.ts";
import { line, serverPath } from "../../org/settings/setting-types.ts";
import { TRANSPORT_AGENT } from "../../org/settings/transport-agent.ts";
import type { TransportAgentServices } from "./services.ts";
import { showAgent, showSettings, TRANSPORT_AGENT_OUTPUT } from "./transport-agent-output.ts";

type Run = Invocation<TransportAgentServices>;

const KIND = "transportAgent";
const NAME_MAX = 64;
/** Not by Set-TransportAgent: they have cmdlets of their own. */
const APART = ["name", "enabled", "modulePath"];
const AT_ONCE = "It is in force for the next session and message: nothing is restarted.";

const identity = requiredParameter(line({ max: NAME_MAX }), "The agent's name.", {
  position: 0,
  completion: "TransportAgent",
  pipeline: "property",
});

/** Set-TransportAgent (reference §1.5). */
export const setTransportAgent: Cmdlet<TransportAgentServices> = changing({
  name: "Set-TransportAgent",
  summary: "Changes when an agent acts, and what becomes of mail that it cannot judge.",
  notes: [AT_ONCE, "$null brings back what the agent itself has."],
  roles: ["Hygiene Management"],
  confirmation: "none",
  example: {
    command: 'Set-TransportAgent "Subject Guard" -FailMode Accept -TimeLimit 00:00:05',
    doc: "When it breaks or takes longer than five seconds, mail is let in with a mark.",
  },
  parameters: {
    Identity: identity,
    ...settingParameters(TRANSPORT_AGENT, { mode: "change", except: APART }),
    Force: FORCE,
    IfMatch: IF_MATCH,
  },
  async edit({ services, given }, input) {
    const { organization } = services.organization;
    const { name } = findAgent(organization, input);
    const settings = readSettingInput(TRANSPORT_AGENT, input, given);
    return {
      kind: KIND,
      name,
      change: (stored) => applySettings(TRANSPORT_AGENT, own(stored, name), settings, {}),
    };
  },
});

/** Enable-TransportAgent (reference §1.5). */
export const enableTransportAgent: Cmdlet<TransportAgentServices> = changing({
  name: "Enable-TransportAgent",
  summary: "Lets an agent act.",
  notes: [AT_ONCE, "The module of an installed agent is read anew, and has to be loadable."],
  roles: ["Hygiene Management"],
  confirmation: "none",
  example: { command: 'Enable-TransportAgent "Subject Guard"', doc: "From now on." },
  parameters: { Identity: identity, Force: FORCE, IfMatch: IF_MATCH },
  async edit({ services }, input) {
    const { organization } = services.organization;
    const agent = findAgent(organization, input);
    const { modulePath } = agentInForce(agent, organization);
    const module = modulePath === undefined ? undefined : { modulePath, parameter: "Identity" };
    return { ...switching(agent, { enabled: "true" }), module };
  },
  async settled({ services }, input, before) {
    const agent = findAgent(before, input);
    // Where nothing has changed, no thread has heard of it; but the file may be another one.
    if (agentInForce(agent, before).enabled) await services.agents.reload(agent.name);
    return [];
  },
});

/** Disable-TransportAgent (reference §1.5). */
export const disableTransportAgent: Cmdlet<TransportAgentServices> = changing({
  name: "Disable-TransportAgent",
  summary: "Lets an agent act no more; it stays installed.",
  notes: [
    AT_ONCE,
    "What the agent log has in the name of some agents are rules of the server itself: those " +
      "stay, and a warning says which.",
  ],
  roles: ["Hygiene Management"],
  confirmation: "asks",
  example: { command: 'Disable-TransportAgent "Subject Guard"', doc: "It asks first." },
  parameters: { Identity: identity, Force: FORCE, IfMatch: IF_MATCH },
  async edit({ services, warn }, input) {
    const agent = findAgent(services.organization.organization, input);
    if (agent.permanent !== undefined) {
      warn(`of the ${agent.name}, a part is the server itself and stays: ${agent.permanent}`);
    }
    return switching(agent, { enabled: "false" });
  },
});

/** Install-TransportAgent (reference §1.5). */
export const installTransportAgent: Cmdlet<TransportAgentServices> = changing({
  name: "Install-TransportAgent",
  summary: "Makes an agent of an ES module. It acts once it is enabled.",
  notes: [
    "-ModulePath takes the place of Exchange's -AssemblyPath; -TransportAgentFactory has no " +
      "counterpart, as a module has one agent, its default export.",
    "The module is loaded once to see what it is, and its code runs then. It runs with all that " +
      "the server's account may do: install only what you trust. With -WhatIf it is not loaded.",
  ],
  roles: [],
  confirmation: "none",
  example: {
    command: 'Install-TransportAgent "Subject Guard" -ModulePath subject-guard.js',
    doc: "A module in the folder agents of the data directory.",
  },
  parameters: {
    Name: requiredParameter(line({ max: NAME_MAX }), "What the agent is to be called.", {
      position: 0,
    }),
    ModulePath: requiredParameter(
      serverPath(),
      "The module: a whole path, or one within the folder agents of the data directory.",
    ),
    ...settingParameters(TRANSPORT_AGENT, { mode: "new", except: APART }),
  },
  async edit({ services, given }, input) {
    const { organization } = services.organization;
    const name = String(input["name"]);
    const modulePath = String(input["modulePath"]);
    if (name.trim() !== name || name === "") {
      const text = `-Name: ${JSON.stringify(name)} must not be empty nor begin or end with a space`;
      throw new CmdletFault("bad-parameter", text, { parameter: "Name" });
    }
    const known = allAgents(organization).find((one) => isCalled(one, name));
    if (known !== undefined) {
      const text = `there is already an agent "${known.name}"`;
      throw new CmdletFault("conflict", text, { parameter: "Name" });
    }
    const settings = new Map(readSettingInput(TRANSPORT_AGENT, input, given));
    for (const apart of APART) settings.delete(apart);
    return {
      kind: KIND,
      name,
      module: { modulePath, parameter: "ModulePath" },
      change: () =>
        applySettings(TRANSPORT_AGENT, { name, modulePath, enabled: "false" }, settings, {}),
    };
  },
  async settled({ services, warn }, input) {
    const { organization } = services.organization;
    const made = findAgent(organization, { identity: input["name"] });
    warn(`it is switched off: Enable-TransportAgent "${made.name}" lets it act`);
    const stored = await services.organization.read(KIND, made.name);
    return [showAgent(made, organization, { stored, reports: await services.agents.report() })];
  },
});

/** Uninstall-TransportAgent (reference §1.5). */
export const uninstallTransportAgent: Cmdlet<TransportAgentServices> = changing({
  name: "Uninstall-TransportAgent",
  summary: "Removes an agent that was installed. Its module stays where it is.",
  notes: [AT_ONCE],
  roles: [],
  confirmation: "asks",
  example: { command: 'Uninstall-TransportAgent "Subject Guard"', doc: "It asks first." },
  parameters: { Identity: identity, Force: FORCE, IfMatch: IF_MATCH },
  async edit({ services }, input) {
    const { organization } = services.organization;
    const { name, ...agent } = findAgent(organization, input);
    if (agentInForce({ name, ...agent }, organization).modulePath === undefined) {
      const text = `the ${name} is part of the server; Disable-TransportAgent switches it off`;
      throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
    }
    return { kind: KIND, name, change: () => undefined };
  },
});

function isCalled(agent: TransportAgent, name: string): boolean {
  return agent.name.toLowerCase() === name.toLowerCase();
}

function findAgent(organization: Organization, input: CmdletInput): TransportAgent {
  const wanted = String(input["identity"]);
  const found = allAgents(organization).find((one) => isCalled(one, wanted));
  if (found !== undefined) return found;
  const text = `there is no transport agent "${wanted}"; Get-TransportAgent lists all`;
  throw new CmdletFault("not-found", text, { parameter: "Identity" });
}

/** A module that is to be let in, and the parameter that says which. */
interface WantedModule {
  readonly modulePath: string;
  readonly parameter: string;
}

/** Loads it, which runs its code; who only asks what would be done has nothing run. */
async function checkModule(
  { services: { agents }, warn }: Run,
  { modulePath, parameter }: WantedModule,
  mode: "store" | "show",
): Promise<void> {
  const facts = await (mode === "store" ? agents.check(modulePath) : agents.find(modulePath));
  if (!facts.ok) {
    const text = `the module ${modulePath} cannot be loaded: ${facts.fault}`;
    throw new CmdletFault("bad-parameter", text, { parameter });
  }
  if (mode === "show") warn(`the module ${modulePath} was not loaded: that runs its code`);
}

function switching({ name }: TransportAgent, properties: { readonly enabled: string }): ObjectEdit {
  return { kind: KIND, name, change: (stored) => ({ ...own(stored, name), ...properties }) };
}

/** Nothing is stored of an agent of the server that is as it has itself. */
function own(stored: StoredObject | undefined, name: string): StoredObject["properties"] {
  return stored?.properties ?? { name };
}

interface ChangeFacts
  extends Pick<
    Cmdlet<TransportAgentServices>,
    "name" | "summary" | "roles" | "confirmation" | "notes"
  > {
  readonly example: { readonly command: string; readonly doc: string };
  readonly parameters: ParameterTable;
  readonly edit: (
    run: Run,
    input: CmdletInput,
  ) => Promise<ObjectEdit & { readonly module?: WantedModule | undefined }>;
  /** What comes after it is stored, and is put out. */
  readonly settled?: (
    run: Run,
    input: CmdletInput,
    before: Organization,
  ) => Promise<readonly OutputObject[]>;
}

/** A cmdlet that changes one agent: by the same edit it runs and shows what it would do. */
function changing({
  example,
  edit,
  settled,
  ...facts
}: ChangeFacts): Cmdlet<TransportAgentServices> {
  const change = async (run: Run, input: CmdletInput, mode: "store" | "show") => {
    const { name, module, ...rest } = await edit(run, input);
    if (module !== undefined) await checkModule(run, module, mode);
    const before = run.services.organization.organization;
    return runEdits(run, [{ name, ...rest }], {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
      show: (one, { after }): ShownEdit => ({
        object: `TransportAgent ${name}`,
        table: TRANSPORT_AGENT,
        before: settingsOf(name, before, one.before),
        after: settingsOf(name, after, one.after),
      }),
    });
  };
  return {
    ...facts,
    effect: "changes",
    examples: [example],
    output: TRANSPORT_AGENT_OUTPUT,
    async plan(run, input) {
      return planOf(await change(run, input, "show"));
    },
    async *run(run, input): AsyncGenerator<OutputObject> {
      const before = run.services.organization.organization;
      await change(run, input, "store");
      yield* (await settled?.(run, input, before)) ?? [];
    },
  };
}

/** `undefined`: there is no such agent. One of the server is there without being stored. */
function settingsOf(
  name: string,
  organization: Organization,
  stored: StoredObject | undefined,
): ShownEdit["after"] {
  const agent = allAgents(organization).find((one) => isCalled(one, name));
  if (agent === undefined) return undefined;
  const shown = showSettings(agentInForce(agent, organization));
  return { stored: stored?.properties ?? {}, shown };
}
