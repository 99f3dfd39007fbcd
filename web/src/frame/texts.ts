import { textsOf } from "../base/texts.ts";

const en = {
  product: "Postrider",
  navigation: "Areas",
  openNavigation: "Open navigation",
  skip: "Skip to content",
  palette: "Go to or run",
  paletteKeys: "Go to or run (Ctrl+K)",
  paletteHint: "A page, a cmdlet, an address, a message id…",
  paletteNothing: "Nothing has that name.",
  trace: (text: string) => `Trace "${text}"`,
  runCmdlet: (name: string) => `Run ${name}`,
  theme: "Appearance",
  themeSystem: "As the system",
  themeLight: "Light",
  themeDark: "Dark",
  themeContrast: "High contrast",
  account: (name: string) => `Signed in as ${name}`,
  myAccount: "My account",
  signOut: "Sign out",
  forbiddenTitle: "Your role groups do not allow this page",
  forbiddenHint: (cmdlets: string) =>
    `It needs ${cmdlets}. An administrator in Organization Management can put you into a group ` +
    "that may run it.",
  notFoundTitle: "There is no such page",
  notFoundHint: "The address is wrong, or the page has moved.",
  lostTitle: "No connection to the server",
  lostHint:
    "What is shown is as it was. The server is asked every few seconds; the page goes on by " +
    "itself once it answers.",
  notSignedOut: "You are still signed in",
  home: "To the home page",
  failed: "This page could not be shown",
  reload: "Load again",
};

/** Texts around the pages. */
export const texts = textsOf("frame", en);
