import { textsOf } from "../../base/texts.ts";

const en = {
  about:
    "What judges messages on their way, in the order in which it is asked, and how well it does.",
  name: "Agent",
  priority: "Order",
  state: "State",
  enabled: "On",
  average: "Takes",
  failures: "Failures",
  empty: "No agents",
  on: "On",
  off: "Off",
  healthy: "Works",
  resting: "Left alone",
  notLoaded: "Not loaded",
  unknown: "Not asked yet",
  restingHint:
    "It has failed five times in a row. For half a minute it is not asked, and its fail mode " +
    "decides; then one question tries it again.",
  notLoadedHint: "Its module cannot be loaded: mend the file, then turn the agent on again.",
  turnOn: "Turn on",
  turnOff: "Turn off",
  turnedOn: (name: string) => `${name} is on`,
  edit: "Edit",
  uninstall: "Uninstall",
  install: "Install an agent",
  settings: "Settings",
  milliseconds: (value: string) => `${value} ms`,
  answers: "Answers and time",
  times: (average: string, longest: string, count: string) =>
    `${average} on average, ${longest} at most, of ${count} answers that were waited for`,
  noTimes: "No answer of it was waited for since the server was started.",
};

/** Texts of agents. */
export const texts = textsOf("protection/agents", en);
