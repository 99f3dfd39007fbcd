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
  organizationFailed: (reason: string) => `Your organization's sign-in did not work: ${reason}.`,
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

/** Texts of signing in and of the first set-up. */
export const texts = textsOf({ en });
