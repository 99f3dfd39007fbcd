import { textsOf } from "../../base/texts.ts";

const en = {
  title: "Home",
  about: "What is happening, and whether all is well.",
};

/** Texts of the home page. */
export const texts = textsOf({ en });
