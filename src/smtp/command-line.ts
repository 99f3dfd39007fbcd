import { unreachable } from "../base/assert.ts";
import { fault, type Result } from "../base/result.ts";
import {
  type Command,
  type CommandContext,
  lineOctetsMax,
  parseCommand,
  verbOf,
} from "./command.ts";
import type { Line } from "./line-reader.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";

/** What to say to a line that is no command. */
export interface LineFault {
  readonly reply: Reply;
  /** Why the session cannot go on: what comes next could be read in two ways. */
  readonly ends?: string;
}

const TOO_LONG: LineFault = { reply: REPLY.lineTooLong };
const BAD_CHARACTER: LineFault = { reply: REPLY.badCharacter };
const BARE_LINE_FEED: LineFault = {
  reply: REPLY.bareLineFeed,
  ends: "bare LF in a command",
};

/** Reads a line that is to be a command. */
export function readCommandLine(line: Line, context: CommandContext): Result<Command, LineFault> {
  switch (line.kind) {
    case "too-long":
      return fault(TOO_LONG);
    case "bad-character":
      return fault(BAD_CHARACTER);
    case "bare-line-feed":
      return fault(BARE_LINE_FEED);
    case "line":
      return readText(line.text, line.octets, context);
    default:
      return unreachable(line);
  }
}

function readText(
  text: string,
  octets: number,
  context: CommandContext,
): Result<Command, LineFault> {
  const verb = verbOf(text);
  const tooLong = octets > lineOctetsMax(verb, context.extensions);
  const command = tooLong ? fault(REPLY.lineTooLong) : parseCommand(text, context);
  if (command.ok) return command;
  // How many octets follow such a BDAT is unknown: they would be read as commands.
  return fault({
    reply: command.fault,
    ...(verb === "BDAT" && { ends: "BDAT without a size" }),
  });
}
