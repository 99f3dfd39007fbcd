import { textsOf } from "../../base/texts.ts";

const en = {
  title: "Sign in",
  name: "Name",
  password: "Password",
  code: "Code of the second factor",
  codeHint: "Leave it empty if you have none.",
  signIn: "Sign in",
};

/** Texts of signing in. */
export const texts = textsOf({ en });
