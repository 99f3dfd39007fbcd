import { fault, ok, type Result } from "../base/result.ts";

/** Where the server is, and how to get in. */
export type ServerPlace =
  | { readonly kind: "socket"; readonly dataDirectory: string }
  | {
      readonly kind: "https";
      readonly url: URL;
      readonly token: string | undefined;
      readonly tokenFile: string | undefined;
      /** PEM file of the authorities to trust, in place of the system's. */
      readonly caFile: string | undefined;
    };

/** The words of a command line without those that say where the server is. */
export interface PlacedWords {
  readonly place: ServerPlace;
  readonly words: readonly string[];
}

const OPTIONS = ["server", "token", "token-file", "ca", "data-dir"] as const;
type Option = (typeof OPTIONS)[number];

/** The environment variable that stands for an option that is not given. */
const VARIABLES: Readonly<Record<Option, string>> = {
  server: "POSTRIDER_SERVER",
  token: "POSTRIDER_TOKEN",
  "token-file": "POSTRIDER_TOKEN_FILE",
  ca: "POSTRIDER_CA",
  "data-dir": "POSTRIDER_DATA_DIR",
};

/** The data directory when nothing says otherwise. */
const DATA_DIRECTORY_DEFAULT = "var";

/**
 * Takes `--server URL --token T --token-file F --ca FILE --data-dir DIR` out of the words,
 * wherever they stand; the environment has what is not given. The fault is a sentence.
 */
export function readServerPlace(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<PlacedWords, string> {
  const given = new Map<Option, string>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const match = /^--([a-z][a-z-]*)(?:=([\s\S]*))?$/.exec(word);
    const option = OPTIONS.find((known) => known === match?.[1]);
    if (match === null || option === undefined) {
      rest.push(word);
      continue;
    }
    if (match[2] === undefined) index += 1;
    const value = match[2] ?? words[index];
    if (value === undefined || value === "") return fault(`the value after --${option} is missing`);
    if (given.has(option)) return fault(`--${option} is given twice`);
    given.set(option, value);
  }
  const place = choosePlace((option) => {
    const variable = environment[VARIABLES[option]];
    return given.get(option) ?? (variable === "" ? undefined : variable);
  }, given);
  return place.ok ? ok({ place: place.value, words: rest }) : place;
}

function choosePlace(
  optionValue: (option: Option) => string | undefined,
  given: ReadonlyMap<Option, string>,
): Result<ServerPlace, string> {
  if (given.has("server") && given.has("data-dir")) {
    return fault("--server and --data-dir exclude each other: one is over the network, one is not");
  }
  // What was typed wins over the environment.
  const server = given.has("data-dir") ? undefined : optionValue("server");
  if (server === undefined) {
    const dataDirectory = optionValue("data-dir") ?? DATA_DIRECTORY_DEFAULT;
    return ok({ kind: "socket", dataDirectory });
  }
  const url = readUrl(server);
  if (url === undefined) {
    const form = "an address such as https://mail.contoso.test:8443";
    return fault(`--server takes ${form}, not ${JSON.stringify(server)}`);
  }
  const isFile =
    given.has("token-file") || (!given.has("token") && optionValue("token") === undefined);
  return ok({
    kind: "https",
    url,
    token: isFile ? undefined : optionValue("token"),
    tokenFile: isFile ? optionValue("token-file") : undefined,
    caFile: optionValue("ca"),
  });
}

/** A token must not travel in the clear: only HTTPS will do. */
function readUrl(text: string): URL | undefined {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (url?.protocol !== "https:" || url.username !== "" || url.search !== "") return undefined;
  return url;
}
