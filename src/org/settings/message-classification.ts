import { nullable, required, setting } from "./setting.ts";
import { bool, line, name, oneOf } from "./setting-types.ts";

/** Reference §10.2 (HasClassification), §10.3 (ApplyClassification). */
export const MESSAGE_CLASSIFICATION = {
  name: required(name(), "The name by which rules and senders call it."),
  classificationID: nullable(
    line({ max: 64 }),
    { text: "the name" },
    "What the header has for it, where servers and clients already know it by an id (a GUID).",
  ),
  displayName: nullable(line({ max: 256 }), { text: "the name" }, "As people read it."),
  senderDescription: setting(line({ max: 1024 }), "", "What it means, for the sender."),
  recipientDescription: nullable(
    line({ max: 1024 }),
    { text: "that for the sender" },
    "What it means, for recipients.",
  ),
  displayPrecedence: setting(
    oneOf([
      "Highest",
      "Higher",
      "High",
      "MediumHigh",
      "Medium",
      "MediumLow",
      "Low",
      "Lower",
      "Lowest",
    ]),
    "Medium",
    "Of several that a message has, the one that is shown.",
  ),
  retainClassificationEnabled: setting(
    bool(),
    "true",
    "Whether an answer or a forwarded message keeps it; told to clients.",
  ),
};
