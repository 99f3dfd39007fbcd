import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import {
  COMPONENT_STATES,
  COMPONENTS,
  type Component,
  effectiveState,
  REQUESTERS,
  type StateRequest,
} from "../../diagnosis/component-state.ts";
import { oneOf } from "../../org/settings/setting-types.ts";
import type { ServerServices } from "./services.ts";

const COMPONENT_STATE = {
  name: "ServerComponentState",
  properties: {
    ServerFqdn: { kind: "text", doc: "The server." },
    Component: { kind: "choice", doc: "What is in service or not.", choices: COMPONENTS },
    State: {
      kind: "choice",
      doc: "The state furthest from Active that any requester asks for.",
      choices: COMPONENT_STATES,
    },
    LocalStates: {
      kind: "list",
      doc: "What each requester asked for last, when, and who said so.",
    },
  },
  table: ["ServerFqdn", "Component", "State"],
} as const satisfies OutputType;

const COMPONENT_DOC =
  "FrontendTransport takes mail in; HubTransport moves it on too; ServerWideOffline is both.";

/** Get-ServerComponentState (reference §15.1). */
export const getServerComponentState: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  {
    readonly Component: ReturnType<typeof optionalComponent>;
  },
  typeof COMPONENT_STATE
>({
  name: "Get-ServerComponentState",
  summary: "Shows what is in service, and who has taken what out of it.",
  roles: ["Server Management", "Help Desk", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  parameters: { Component: optionalComponent() },
  output: COMPONENT_STATE,
  examples: [{ command: "Get-ServerComponentState", doc: "Is the server drained, and by whom?" }],
  async *run({ services }, { component }) {
    const requests = services.componentStates.list();
    for (const one of component === undefined ? COMPONENTS : [component]) {
      yield stateOf(services.serverFqdn(), one, requests);
    }
  },
});

function optionalComponent() {
  return optionalParameter(oneOf(COMPONENTS), COMPONENT_DOC, { position: 0 });
}

const SET_PARAMETERS = {
  Component: requiredParameter(oneOf(COMPONENTS), COMPONENT_DOC, { position: 0 }),
  State: requiredParameter(
    oneOf(COMPONENT_STATES),
    "Draining: no new mail, what is under way ends and queues empty. Inactive: queues stand " +
      "still too. Active: this requester has no objection any more.",
  ),
  Requester: requiredParameter(
    oneOf(REQUESTERS),
    "On whose behalf; a component is in service again only when every requester says Active.",
  ),
} as const;

/** Set-ServerComponentState (reference §15.1). */
export const setServerComponentState: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof SET_PARAMETERS,
  typeof COMPONENT_STATE
>({
  name: "Set-ServerComponentState",
  summary: "Takes a part of the server out of service, or back into it.",
  notes: [
    "New connections get 421 4.3.2 while mail is not taken, and so does MAIL on those that are " +
      "open. The state outlives a restart; /readyz says that the server is not ready.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  parameters: SET_PARAMETERS,
  output: COMPONENT_STATE,
  examples: [
    {
      command: "Set-ServerComponentState HubTransport -State Draining -Requester Maintenance",
      doc: "Before an upgrade: takes no more mail and empties the queues.",
    },
    {
      command: "Set-ServerComponentState HubTransport -State Active -Requester Maintenance",
      doc: "Back into service.",
    },
  ],
  async plan({ services }, { component, state }) {
    const now = effectiveState(services.componentStates.list(), component);
    return { actions: [`Set ${component}, which is ${now}, to ${state}`], count: 1 };
  },
  async *run({ services, caller, clock, changed }, { component, state, requester }) {
    const { list, request } = services.componentStates;
    const before = { State: effectiveState(list(), component) };
    await request({ component, state, requester, atMs: clock.nowMs(), by: caller.name });
    const after = { State: effectiveState(list(), component) };
    changed({ object: `ServerComponent ${component}`, before, after });
    yield stateOf(services.serverFqdn(), component, list());
  },
});

function stateOf(
  serverFqdn: string,
  component: Component,
  requests: readonly StateRequest[],
): OutputOf<typeof COMPONENT_STATE> {
  return {
    ServerFqdn: serverFqdn,
    Component: component,
    State: effectiveState(requests, component),
    LocalStates: requests
      .filter((one) => one.component === component)
      .map(
        ({ requester, state, atMs, by }) =>
          `${requester}: ${state} since ${new Date(atMs).toISOString()} by ${by}`,
      ),
  };
}
