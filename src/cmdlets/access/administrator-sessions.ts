import { type Session, SIGN_IN_WAYS } from "../../access/sessions.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { line, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import { isoDate } from "./access-parameters.ts";
import type { AccessServices } from "./services.ts";

const ADMINISTRATOR_SESSION = {
  name: "AdministratorSession",
  properties: {
    Identity: { kind: "text", doc: "Names the session; nobody gets in with it." },
    Administrator: { kind: "text", doc: "Who has logged in." },
    ClientIP: { kind: "text", doc: "From where; nothing: on the server itself." },
    SignInWay: { kind: "choice", choices: SIGN_IN_WAYS, doc: "How he came in." },
    Browser: { kind: "text", doc: "The program, as it has called itself." },
    StartDate: { kind: "date", doc: "When he logged in." },
    LastUsedDate: { kind: "date", doc: "When he was last heard of." },
    ExpirationDate: { kind: "date", doc: "When it ends at the latest." },
  },
  table: ["Identity", "Administrator", "ClientIP", "SignInWay", "StartDate", "LastUsedDate"],
} as const satisfies OutputType;

/** Who is logged in. */
export const getAdministratorSession = defineCmdlet({
  name: "Get-AdministratorSession",
  summary: "Shows which administrators are logged in.",
  notes: ["Sessions end after 30 minutes of silence, after 12 hours, and when the server stops."],
  roles: ["View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-AdministratorSession -Administrator alice", doc: "Alice's." }],
  parameters: {
    Administrator: optionalParameter(line({ max: NAME_CHARACTERS_MAX }), "Only his sessions.", {
      position: 0,
      completion: "Administrator",
    }),
  },
  output: ADMINISTRATOR_SESSION,
  async *run({ services }: Invocation<AccessServices>, { administrator }) {
    const wanted = administrator?.toLowerCase();
    for (const session of services.access.sessions.all()) {
      if (wanted === undefined || session.name.toLowerCase() === wanted) {
        yield sessionOutput(session);
      }
    }
  },
});

/** Ends a session. */
export const removeAdministratorSession = defineCmdlet({
  name: "Remove-AdministratorSession",
  summary: "Ends a session: its administrator has to log in again.",
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command: "Get-AdministratorSession alice | Remove-AdministratorSession",
      doc: "Ends all of Alice's sessions, in the shell.",
    },
  ],
  parameters: {
    Identity: requiredParameter(
      line({ max: 64 }),
      "The session, as Get-AdministratorSession has it.",
      {
        position: 0,
        pipeline: "property",
        completion: "AdministratorSession",
      },
    ),
  },
  output: ADMINISTRATOR_SESSION,
  async *run(invocation: Invocation<AccessServices>, { identity }) {
    const { sessions } = invocation.services.access;
    const session = sessions.all().find(({ id }) => id === identity);
    if (session === undefined) {
      const text = `there is no session "${identity}"; Get-AdministratorSession lists them`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    sessions.end(({ id }) => id === identity);
    const object = `AdministratorSession of ${session.name}`;
    invocation.changed({ object, before: sessionOutput(session) });
  },
});

function sessionOutput(session: Session): OutputOf<typeof ADMINISTRATOR_SESSION> {
  return {
    Identity: session.id,
    Administrator: session.name,
    ClientIP: session.address === "" ? null : session.address,
    SignInWay: session.way,
    Browser: session.browser === "" ? null : session.browser,
    StartDate: isoDate(session.beganMs),
    LastUsedDate: isoDate(session.lastUsedMs),
    ExpirationDate: isoDate(session.expiresMs),
  };
}
