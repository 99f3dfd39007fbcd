import { selectLanguage, setLanguage } from "./base/texts.ts";
import { LANGUAGES } from "./languages.ts";

/** All else comes after the language: tables of texts are read when their modules are. */
async function begin(root: HTMLElement): Promise<void> {
  const subtag = selectLanguage(navigator.languages, Object.keys(LANGUAGES));
  const language = await LANGUAGES[subtag]?.();
  if (language !== undefined) {
    setLanguage(language);
    document.documentElement.lang = subtag;
  }
  const { start } = await import("./start.tsx");
  start(root);
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no root");
begin(root).catch(() => {
  // Of everything else there is nothing yet.
  root.textContent = "The admin center could not be loaded as a whole. Load the page again.";
});
