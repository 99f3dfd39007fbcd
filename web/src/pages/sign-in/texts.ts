import { textsOf } from "../../base/texts.ts";

const en = {
  title: "Sign in",
  name: "Name",
  password: "Password",
  code: "Code",
  codeHint: "Of your authenticator, or a recovery code. Leave it empty if you have neither.",
  signIn: "Sign in",
  or: "or",
  passkey: "Sign in with a passkey",
  organization: (name: string) => `Sign in with ${name}`,
  beside:
    "That opens a window of its own; once you are signed in there, this page goes on by itself.",
  failed: "Your organization's sign-in did not work. Try again.",
  endedTitle: "Your session has ended",
  ended: (name: string) =>
    `Sign in again as ${name} to go on: the page stays as it is, with what you have typed. ` +
    "Somebody else begins it anew.",
  lost:
    "Password forgotten, or authenticator lost? Another administrator sets them anew " +
    "(Set-Administrator), or root on the server itself.",
  setupNeeded:
    "There is no administrator yet. The server has printed a link that makes the first one; " +
    "a restart prints a new one.",
  setupTitle: "Set up Postrider",
  setupAbout:
    "Make the first administrator, who may do everything. Others are made by him afterwards.",
  nameHint: "What you sign in with.",
  passwordHint: (count: number) => `At least ${count} characters; a sentence is easy to remember.`,
  tooShort: (count: number) => `It has fewer than ${count} characters.`,
  again: "Password again",
  notTheSame: "It is not the same.",
  setUp: "Make the administrator",
  noTokenTitle: "This page needs the link that the server has printed",
  noToken:
    "As long as there is no administrator, each start of the server prints a link behind " +
    '"postrider ready". Open it as a whole, with what is behind the #.',
};

/** Why the organization's sign-in did not work, by the server's names for it. */
const ORGANIZATION_PROBLEMS: Readonly<Record<string, string>> = textsOf("sign-in/organization", {
  unavailable:
    "Your organization's sign-in could not be reached, or did not know this server. The " +
    "server's diagnostics say more (organization-sign-in-failed).",
  refused: "Your organization's sign-in did not let you in.",
  expired: "That took too long, or was begun in another window. Try again.",
  invalid:
    "What your organization's sign-in has sent could not be believed. The server's diagnostics " +
    "say more (organization-sign-in-failed).",
  "no-role":
    "None of your groups may administer this server. Whoever looks after server.admin.oidc can " +
    "give a group a role group.",
  name: "Your name at your organization cannot be one here, or is somebody else's already.",
  disabled: "You are not enabled here. Another administrator can change that.",
});

/** Words for what the address says of it, which may be anything. */
export function organizationProblem(failed: unknown): string {
  const known = new Map<unknown, string>(Object.entries(ORGANIZATION_PROBLEMS));
  return known.get(failed) ?? texts.failed;
}

/** Texts of signing in and of the first set-up. */
export const texts = textsOf("sign-in", en);
