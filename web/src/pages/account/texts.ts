import { plural, textsOf } from "../../base/texts.ts";

const en = {
  title: "My account",
  about: (name: string, groups: string) => `${name}, in ${groups}`,
  noGroups: "no role group",
  external:
    "You sign in by way of your organization, which looks after your password, second factor and " +
    "passkeys.",
  password: "Password",
  passwordSet: (date: string) => `Set on ${date}.`,
  changePassword: "Change password",
  current: "Your password now",
  currentHint: "Asked for once more, in case somebody else has found this window open.",
  newPassword: "New password",
  newPasswordHint: "At least 12 characters; a sentence is easy to remember.",
  again: "New password again",
  notTheSame: "It is not the same.",
  passwordChanged: "Your password is changed; your other sessions have ended",
  change: "Change",
  totp: "Codes of an authenticator",
  totpOff:
    "Signing in with the password asks for nothing else. With an authenticator on your " +
    "telephone, a stolen password is not enough.",
  totpOn: (left: string) => `The password alone is not enough; there are ${left} left.`,
  recoveryLeft: (count: number) => plural(count, "recovery code", "recovery codes"),
  setUpTotp: "Set up",
  removeTotp: "Remove",
  removeTotpTitle: "Remove the authenticator",
  removeTotpAbout: "Your password will be enough from then on. Your other sessions end.",
  totpRemoved: "No codes are asked for any more",
  next: "Next",
  scan: "Scan this with the authenticator",
  scanHint: "Or type the secret into it:",
  qrCode: "QR code of the secret",
  code: "Code that it shows",
  confirm: "Confirm",
  codesTitle: "Recovery codes",
  codesAbout:
    "Each of them stands in for a code once, on the day on which the authenticator is lost. Keep " +
    "them where you keep your passport: they are not shown again.",
  newCodes: "New recovery codes",
  newCodesAbout: "Those of before are worth nothing then.",
  makeCodes: "Make codes",
  copyCodes: "Copy",
  kept: "I have kept them",
  passkeys: "Passkeys",
  passkeysAbout:
    "Sign in with a finger, a face or the key of a device, without name and password. Nobody can " +
    "be talked out of a passkey.",
  passkeysNotHere:
    "Passkeys are tied to the name in the address: open this page by the server's name instead " +
    "of its IP address to add one.",
  addPasskey: "Add a passkey",
  passkeyName: "Name of the device",
  passkeyNameHint: "By which you will know it again.",
  passkeyAdded: (name: string) => `"${name}" is a passkey now`,
  passkeyUsed: (added: string, used: string) => `Added ${added}, used ${used}`,
  never: "never",
  renamePasskey: "Rename",
  renameNamed: (name: string) => `Rename ${name}`,
  removeNamed: (name: string) => `Remove ${name}`,
  removePasskeyAbout: (name: string) =>
    `Nobody signs in with "${name}" any more. It stays in the device until you remove it there.`,
  sessions: "Sessions",
  sessionsAbout: "Where you are signed in. Sessions end after 30 minutes of silence.",
  thisSession: "This window",
  sessionFacts: (way: string, address: string, began: string, used: string) =>
    `${way}, from ${address}, since ${began}, last used ${used}`,
  endSession: "End",
  endNamed: (name: string) => `End the session in ${name}`,
  endOthers: "End all others",
  sessionEnded: "It has ended",
  unknownBrowser: "Another program",
  cancel: "Cancel",
};

/** Words for ways in, by the server's names for them. */
export const WAYS: Readonly<Record<string, string>> = textsOf("account/ways", {
  Password: "password",
  PasswordAndCode: "password and code",
  PasswordAndRecoveryCode: "password and recovery code",
  Passkey: "passkey",
  OpenIDConnect: "organization's sign-in",
  SetupLink: "set-up link",
});

/** Texts of one's own account. */
export const texts = textsOf("account", en);
