import { randomInt } from "node:crypto";

/** No letter or digit that is taken for another one when it is read out or typed in. */
const CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 5;
const GROUP_CHARACTERS = 5;

/** A password of some 120 random bits: `x7kpq-…`. ASCII, for old devices. */
export function generatePassword(): string {
  const character = () => CHARACTERS.charAt(randomInt(CHARACTERS.length));
  const group = () => Array.from({ length: GROUP_CHARACTERS }, character).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}
