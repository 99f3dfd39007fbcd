import { randomBytes } from "node:crypto";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { MilterSettings } from "../../org/scanner-settings.ts";
import type {
  AgentSession,
  CommandAnswer,
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
  SessionScope,
} from "../agents/receive-agent.ts";
import { connectCommand, type MilterSubject, mailCommand, milterMacros } from "./milter-facts.ts";
import { MilterLine, type MilterQuestion, type ScanTools } from "./milter-line.ts";
import { MilterMessage } from "./milter-message.ts";
import { answerOf } from "./milter-verdict.ts";

/** The milters of one session, and the message at hand. */
interface MilterTalk {
  readonly lines: readonly MilterLine[];
  queueId: string | undefined;
}

/** Tells sessions to milters (Sendmail's and Postfix's protocol for mail filters). */
export function milterAgent(tools: ScanTools): ReceiveAgent {
  const talks = new WeakMap<AgentSession, MilterTalk>();
  const talkOf = (session: AgentSession): MilterTalk => {
    let talk = talks.get(session);
    if (talk === undefined) {
      const lines = miltersOf(session).map((settings) => new MilterLine(settings, tools));
      talk = { lines, queueId: undefined };
      talks.set(session, talk);
    }
    return talk;
  };
  const about = (session: AgentSession): MilterSubject => {
    const { queueId } = talkOf(session);
    return { session, ...(queueId !== undefined && { queueId }) };
  };
  return {
    agent: TRANSPORT_AGENTS.milter,
    hears: (session) => miltersOf(session).length > 0,
    on: {
      OnConnect: (session) =>
        each(talkOf(session), (line) => line.open([connectQuestion(line, session)])),
      OnHeloCommand: (session) =>
        each(talkOf(session), (line) => line.greet(heloQuestion(line, session))),
      OnEhloCommand: (session) =>
        each(talkOf(session), (line) => line.greet(heloQuestion(line, session))),
      OnMailCommand({ session, envelope }) {
        const talk = talkOf(session);
        talk.queueId = randomBytes(6).toString("hex").toUpperCase();
        return each(talk, (line) =>
          line.mail(
            {
              command: mailCommand(envelope),
              macros: milterMacros({ ...about(session), envelope }, line.settings),
            },
            [connectQuestion(line, session), heloQuestion(line, session)],
          ),
        );
      },
      OnRcptCommand({ session, envelope, recipient: { address } }) {
        const command = { kind: "rcpt", address: `<${address}>`, parameters: [] } as const;
        const subject = { ...about(session), envelope, recipient: address };
        return each(talkOf(session), (line) =>
          line.ask({ command, macros: milterMacros(subject, line.settings) }),
        );
      },
      OnDataCommand({ session, envelope }) {
        const subject = { ...about(session), envelope };
        return each(talkOf(session), (line) =>
          line.ask({
            command: { kind: "data" },
            macros: milterMacros(subject, line.settings),
          }),
        );
      },
      OnEndOfData: (message) => judge(talkOf(message.session), message),
      OnRsetCommand(session) {
        for (const line of talks.get(session)?.lines ?? []) line.reset();
        return undefined;
      },
      OnDisconnect(session) {
        for (const line of talks.get(session)?.lines ?? []) line.close();
        return undefined;
      },
    },
  };
}

function miltersOf({ organization, connector }: SessionScope): readonly MilterSettings[] {
  const { milters } = organization.scanning;
  if (milters.length === 0) return milters;
  const name = connector.name.toLowerCase();
  return milters.filter(
    ({ enabled, connectors }) =>
      enabled && (connectors.length === 0 || connectors.some((one) => one.toLowerCase() === name)),
  );
}

function connectQuestion({ settings }: MilterLine, session: AgentSession): MilterQuestion {
  return { command: connectCommand(session), macros: milterMacros({ session }, settings) };
}

function heloQuestion({ settings }: MilterLine, session: AgentSession): MilterQuestion {
  const command = { kind: "helo", name: session.client.helo } as const;
  return { command, macros: milterMacros({ session }, settings) };
}

const GO_ON = { kind: "accept" } as const;

/** One milter after the other, until one of them says no. */
async function each(
  { lines }: MilterTalk,
  ask: (line: MilterLine) => Promise<CommandAnswer | undefined>,
): Promise<CommandAnswer> {
  for (const line of lines) {
    const answer = await ask(line);
    if (answer !== undefined) return answer;
  }
  return GO_ON;
}

/** The content, told to one milter after the other. */
async function judge(
  { lines, queueId }: MilterTalk,
  message: IncomingMessage,
): Promise<MessageAnswer> {
  const { session, envelope } = message;
  const whole = new MilterMessage(message);
  for (const line of lines) {
    const milter = line.session;
    if (milter === undefined) continue;
    const subject = { session, envelope, ...(queueId !== undefined && { queueId }) };
    const said = await whole.tell(milter, milterMacros(subject, line.settings));
    const { name } = line.settings;
    const answer = said.ok ? answerOf(said.value.verdict, name) : line.fail(said.fault);
    if (answer !== undefined) return answer;
    if (said.ok) whole.take(said.value.modifications, milter);
  }
  const { edits, ...changes } = whole.changes();
  const held = lines.find(({ quarantines }) => quarantines);
  const reason =
    whole.quarantine ?? (held && `The milter ${held.settings.name} could not be asked`);
  if (reason !== undefined) {
    return { kind: "quarantine", type: "Policy", reason, ...(edits && { edits }) };
  }
  return { kind: "accept", ...changes, ...(edits && { edits }) };
}
