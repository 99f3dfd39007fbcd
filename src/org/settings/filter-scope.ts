import { setting } from "./setting.ts";
import { bool } from "./setting-types.ts";

/** What every anti-spam agent has (reference §9.1). */
export const FILTER_SCOPE = {
  enabled: setting(bool(), "true", "Whether it looks at mail at all."),
  externalMailEnabled: setting(bool(), "true", "Whether it looks at strangers' mail."),
  internalMailEnabled: setting(
    bool(),
    "false",
    "Whether it looks at mail of users who have logged on, of partners and of our own servers.",
  ),
};

/** Characters of a refusal's text that an administrator writes (reference §9.2). */
export const REJECTION_CHARACTERS_MAX = 240;
