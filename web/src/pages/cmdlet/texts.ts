import { plural, textsOf } from "../../base/texts.ts";

const en = {
  title: "Run a cmdlet",
  unknown: (name: string) => `There is no cmdlet ${name}`,
  unknownHint: "Its name is wrong, or your role groups do not allow it.",
  parameters: "Parameters",
  run: "Run",
  preview: "Preview",
  objects: (count: number) => plural(count, "object", "objects"),
  nothing: "It has put out nothing.",
};

/** Texts of the page that runs any cmdlet. */
export const texts = textsOf("cmdlet", en);
