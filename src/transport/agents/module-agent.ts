import { randomBytes } from "node:crypto";
import type { PipelineEventName, TransportAgent } from "../../org/agent-table.ts";
import type { ContentReader } from "../../store/content.ts";
import type { ModuleAnswer } from "./module-answer.ts";
import {
  headerView,
  type ModuleSubject,
  messageView,
  recipientView,
  rejectView,
  routingView,
  senderView,
  sessionView,
} from "./module-subject.ts";
import type {
  AgentSession,
  CommandAnswer,
  MessageAnswer,
  ReceiveAgent,
  ReceiveEvent,
  ReceiveHandlers,
} from "./receive-agent.ts";
import type {
  RoutingAgent,
  RoutingAnswer,
  RoutingEvent,
  RoutingHandlers,
} from "./routing-agent.ts";

/** What a module is asked. */
export interface ModuleQuestion {
  readonly event: PipelineEventName;
  readonly subject: ModuleSubject;
  /** Reads the content anew; absent: there is none at this event. @throws StoreFailure */
  readonly content?: () => AsyncIterable<Uint8Array>;
}

/**
 * Asks the module; resolves with what `readModuleAnswer` has made of its answer. Rejects with
 * AgentFailure or StoreFailure.
 */
export type AskModule = (question: ModuleQuestion) => Promise<ModuleAnswer | undefined>;

/** An installed agent as our own stages know it. */
export interface ModuleAgents {
  readonly receive: ReceiveAgent | undefined;
  readonly routing: RoutingAgent | undefined;
}

/** Makes agents of a module that hears these events; others cost nothing. */
export function moduleAgents(agent: TransportAgent, ask: AskModule): ModuleAgents {
  const heard = new Set<string>(agent.events);
  const receive = pick(receiveHandlers(ask), heard);
  const routing = pick(routingHandlers(ask), heard);
  return {
    receive:
      Object.keys(receive).length === 0 ? undefined : { agent, on: receive, hears: () => true },
    routing:
      Object.keys(routing).length === 0 ? undefined : { agent, on: routing, hears: () => true },
  };
}

function pick<Handlers extends object>(all: Handlers, names: ReadonlySet<string>): Handlers {
  // What is left out may be left out of either kind of handlers.
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name))) as Handlers;
}

/** Sessions bear no name of their own before the log has given them one. */
const ids = new WeakMap<AgentSession, string>();
const prefix = randomBytes(6).toString("hex");
let idCount = 0;

function idOf(session: AgentSession): string {
  let id = ids.get(session);
  if (id === undefined) {
    idCount += 1;
    id = `${prefix}-${idCount}`;
    ids.set(session, id);
  }
  return id;
}

const ACCEPT = { kind: "accept" } as const;

function receiveHandlers(ask: AskModule): ReceiveHandlers {
  // The thread has held the answer against the event before it sent it.
  const command = async (event: ReceiveEvent, subject: ModuleSubject) =>
    ((await ask({ event, subject })) ?? ACCEPT) as CommandAnswer;
  const ofSession = (event: ReceiveEvent) => (session: AgentSession) =>
    command(event, { session: sessionView(session, idOf(session)) });
  return {
    OnConnect: ofSession("OnConnect"),
    OnHeloCommand: ofSession("OnHeloCommand"),
    OnEhloCommand: ofSession("OnEhloCommand"),
    OnStartTlsCommand: ofSession("OnStartTlsCommand"),
    OnAuthCommand: ofSession("OnAuthCommand"),
    OnEndOfAuthentication: ofSession("OnEndOfAuthentication"),
    OnMailCommand: (subject) =>
      command("OnMailCommand", senderView(subject, idOf(subject.session))),
    OnRcptCommand: (subject) =>
      command("OnRcptCommand", recipientView(subject, idOf(subject.session))),
    OnDataCommand: (subject) =>
      command("OnDataCommand", senderView(subject, idOf(subject.session))),
    OnEndOfHeaders: async (subject) => {
      const view = headerView(subject, idOf(subject.session));
      return ((await ask({ event: "OnEndOfHeaders", subject: view })) ?? ACCEPT) as MessageAnswer;
    },
    OnEndOfData: async (message) => {
      const subject = messageView(message, idOf(message.session));
      const content = () => message.content();
      return ((await ask({ event: "OnEndOfData", subject, content })) ?? ACCEPT) as MessageAnswer;
    },
    OnReject: (subject) => command("OnReject", rejectView(subject, idOf(subject.session))),
    OnRsetCommand: ofSession("OnRsetCommand"),
    OnDisconnect: ofSession("OnDisconnect"),
  };
}

function routingHandlers(ask: AskModule): RoutingHandlers {
  const at =
    (event: RoutingEvent): NonNullable<RoutingHandlers[RoutingEvent]> =>
    async (message) => {
      const content = () => piecesOf(message.content);
      const subject = routingView(message);
      return ((await ask({ event, subject, content })) ?? {}) as RoutingAnswer;
    };
  return {
    OnSubmittedMessage: at("OnSubmittedMessage"),
    OnResolvedMessage: at("OnResolvedMessage"),
    OnRoutedMessage: at("OnRoutedMessage"),
    OnCategorizedMessage: at("OnCategorizedMessage"),
  };
}

async function* piecesOf(content: ContentReader): AsyncIterable<Uint8Array> {
  for (let index = 0; ; index += 1) {
    const piece = content.peek(index) ?? (await content.read(index));
    if (piece === undefined) return;
    yield piece;
  }
}
