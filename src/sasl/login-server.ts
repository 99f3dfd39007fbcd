import { decodeUtf8, encodeUtf8 } from "./sasl-text.ts";
import { prepareName, preparePassword } from "./saslprep.ts";
import { conclude, malformed, type ServerStart, type ServerTalk } from "./server-talk.ts";

// Some clients compare them letter for letter, colon included.
const USER_PROMPT = encodeUtf8("Username:");
const PASSWORD_PROMPT = encodeUtf8("Password:");

/**
 * LOGIN, which no RFC defines (draft-murchison-sasl-login): name and password, each to its prompt.
 * Some clients send the name along with the command; an empty initial response is no name yet.
 */
export async function* talkLogin<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  const given = start.initialResponse;
  const name = given === undefined || given.length === 0 ? yield USER_PROMPT : given;
  const user = prepareName(decodeUtf8(name) ?? "");
  if (user === undefined) return malformed("LOGIN: not a user name");
  const password = decodeUtf8(yield PASSWORD_PROMPT);
  if (password === undefined || password === "" || password.includes("\0")) {
    return malformed("LOGIN: not a password");
  }
  return conclude(await start.backend.checkPassword(user, preparePassword(password), ""), user);
}
